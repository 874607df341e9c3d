"""What a style sees of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from airflow_provider_orgauth.exceptions import NumberError, PaginationError, ResponseError
from airflow_provider_orgauth.paging.body import MISSING, JsonBody
from airflow_provider_orgauth.paging.empty_page import Envelope, complains, is_empty_page
from airflow_provider_orgauth.paging.page_layout import PageLayout
from airflow_provider_orgauth.paging.raw import Raw, decode

_HEADER = "header:"

_SMALL_BYTES = 1024
"""Bytes of a value beside the records that is worth looking at."""

_FLAGS = {"true": True, "1": True, "yes": True, "y": True, "false": False, "0": False, "no": False, "n": False}


class PageAnswer:
    """One answer: its headers, its JSON, and the records in it.

    >>> answer = PageAnswer(b'{"meta": {"next": "c2"}, "items": [{"id": 1}]}', {"X-Total": "9"})
    >>> answer.value("meta.next"), answer.header("x-total"), [bytes(record) for record in answer.records]
    ('c2', '9', [b'{"id": 1}'])

    :param content: the body; an empty one (204) is a page without records.
    :param headers: looked up without regard to case.
    :param url: the absolute URL that was asked for: what a relative link is relative to.
    :param records_path: where the records are, as keys joined by dots; empty: the whole body; None: the one array.
    :param end_status: the error status that this answer has, where pagination says that it means "past the end".
    """

    def __init__(
        self,
        content: bytes,
        headers: Mapping[str, str],
        url: str = "",
        *,
        records_path: str | None = None,
        end_status: int | None = None,
    ) -> None:
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.url = url
        self.end_status = end_status
        self.size = len(content)
        self._body = JsonBody(content, self.headers.get("content-type", "")) if content else JsonBody(b"null")
        self._is_empty = not content
        self._records_path = records_path
        self._envelope: Envelope | None = None
        self._left_out = False
        self._numbers: dict[str, int | None] = {}

    @property
    def has_body(self) -> bool:
        """Whether there is anything in it at all; a 204 has not."""
        return not self._is_empty

    @cached_property
    def records_path(self) -> str:
        """Where the records were found."""
        return self._body.only_array() if self._records_path is None else self._records_path

    @cached_property
    def records(self) -> list[Raw]:
        """The records, undecoded; none where the answer is an empty page without the array (:mod:`.empty_page`).

        :raises ResponseError: there are none, and it is not an empty page either.
        """
        if self._is_empty:
            return []
        try:
            records = self._body.array(self.records_path)
        except ResponseError:
            if not self._is_empty_page():
                raise
            self._left_out = True
            return []
        if not records and self._body.is_null(self.records_path) and complains(self.value(""), self._envelope):
            raise self._body.nothing_at(self.records_path)
        return records

    @property
    def left_out(self) -> bool:
        """Whether the array of the records is left out, because there are none."""
        return not self.records and self._left_out

    def envelope(self) -> Envelope:
        """Return what stands beside the records."""
        others = self._body.beside(self.records_path)
        return Envelope.of({key: _decoded(raw) for key, raw in others})

    @property
    def on_one_line(self) -> bool:
        """Whether there is no line break between the values: then there is none in a record either."""
        return self._body.on_one_line

    @property
    def count(self) -> int:
        """How many records this page holds."""
        return len(self.records)

    def header(self, name: str) -> str | None:
        """Return a header's value, or None.

        Bytes beyond ASCII are UTF-8, as browsers and servers have it; http.client takes them for Latin-1. Those that
        are not UTF-8 are halves of surrogate pairs, as ``surrogateescape`` has it.
        """
        value = self.headers.get(name.lower())
        if value is None or value.isascii():
            return value
        try:
            return value.encode("latin-1").decode(errors="surrogateescape")
        except UnicodeEncodeError:
            return value  # it is text already: not from http.client

    def value(self, path: str, default: Any = None) -> Any:
        """Return the decoded value at a path of keys joined by dots; ``default`` where nothing is there."""
        found = self._body.value(path)
        return default if found is MISSING else found

    def has(self, path: str) -> bool:
        """Return whether there is anything at a path, even null."""
        return self._body.raw(path) is not None

    def around_records(self) -> Any:
        """Return what stands around the records, decoded; long arrays are empty in it."""
        return None if self._is_empty else self._body.around_records()

    def number(self, path: str | None) -> int | None:
        """Return the count at a path, or None where there is none that makes sense.

        :param path: keys joined by dots, or ``header:`` and a header's name.
        """
        if path is None:
            return None
        if path not in self._numbers:  # a style and its walk ask for the same ones, several times a page
            self._numbers[path] = self._count_at(path)
        return self._numbers[path]

    def _count_at(self, path: str) -> int | None:
        found = self._number_at(path) if path else None
        if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20:
            found = int(found)
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    def _number_at(self, path: str) -> Any:
        try:
            return self._said(path)
        except NumberError:  # a total of 1e999 is JSON, and no total
            return None

    def flag(self, path: str, *, field: str) -> bool | None:
        """Return the flag at a path, or None where there is nothing, or null.

        :param path: as of :meth:`number`.
        :param field: of the style, for the error.
        :raises PaginationError: what is there is neither true nor false.
        """
        found = self._said(path)
        if found is None or found == "":
            return None
        flag = _FLAGS.get(str(found).strip().lower()) if isinstance(found, bool | int | str) else None
        if flag is None:
            raise PaginationError(
                f"What the answer has at {path[:100]!r} is neither true nor false.",
                advice=f"Correct pagination.{field}.",
            )
        return flag

    def _said(self, path: str) -> Any:
        """Return the value at a path, or in the header that it names."""
        if path.lower().startswith(_HEADER):
            return self.header(path[len(_HEADER) :].strip())
        return self.value(path)

    def total(self, path: str | None) -> int | None:
        """Return the total at a path, or None where there is none that can be: one below this page's own records.

        Some servers write 0 where they have not counted; to believe it would be to leave out the rest.
        """
        found = self.counted(path)
        return None if found is None or found < self.count else found

    def counted(self, path: str | None) -> int | None:
        """Return the count at a path; None where the server stopped counting there.

        As Elasticsearch does: ``{"value": 10000, "relation": "gte"}``.
        """
        whole, _, key = (path or "").rpartition(".")
        is_more = key == "value" and self.value(f"{whole}.relation") == "gte"
        return None if is_more else self.number(path)

    def _is_empty_page(self) -> bool:
        """Return whether an answer without the array is a page without records, where it is known what it would be."""
        path = self.records_path
        return bool(path) and not self.has(path) and is_empty_page(self.value(""), self._envelope)

    @property
    def layout(self) -> PageLayout | None:
        """The layout that the next page's body can be expected to have."""
        return None if self._is_empty else self._body.layout(self.records_path)

    def assume(self, records_path: str, layout: PageLayout | None = None, envelope: Envelope | None = None) -> None:
        """Look for the records where an earlier page had them, so that no other array passes for them.

        :param layout: what that page's body looked like.
        :param envelope: what stood beside its records.
        """
        self._envelope = envelope
        if self._is_empty:
            return
        if self._records_path is None:
            self.records_path = records_path
        if layout is not None:
            self._body.expect(layout)


def _decoded(raw: Raw) -> Any:
    """Return a value beside the records; MISSING where it is large, or a number that nothing holds."""
    try:
        return decode(raw) if len(memoryview(raw)) < _SMALL_BYTES else MISSING
    except ResponseError:
        return MISSING
