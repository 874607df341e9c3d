"""What a style sees of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from airflow_provider_orgauth.exceptions import NumberError
from airflow_provider_orgauth.paging.body import MISSING, JsonBody
from airflow_provider_orgauth.paging.raw import Raw
from airflow_provider_orgauth.paging.shape import Shape

_HEADER = "header:"


class PageAnswer:
    """One answer: its headers, its JSON, and the records in it.

    :param content: the body; an empty one (204) is a page without records.
    :param headers: looked up without regard to case.
    :param url: the absolute URL that was asked for: what a relative link is relative to.
    :param records_path: where the records are, as keys joined by dots; empty: the whole body; None: the one array.
    """

    def __init__(
        self, content: bytes, headers: Mapping[str, str], url: str = "", *, records_path: str | None = None
    ) -> None:
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.url = url
        self.size = len(content)
        self._body = JsonBody(content, self.headers.get("content-type", "")) if content else JsonBody(b"null")
        self._is_empty = not content
        self._records_path = records_path

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
        """The records, undecoded."""
        if self._is_empty:
            return []
        return self._body.array(self.records_path)

    @property
    def on_one_line(self) -> bool:
        """Whether there is no line break between the values: then there is none in a record either."""
        return self._body.on_one_line

    @property
    def count(self) -> int:
        """How many records this page holds."""
        return len(self.records)

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        return self.headers.get(name.lower())

    def value(self, path: str, default: Any = None) -> Any:
        """Return the decoded value at a path of keys joined by dots; ``default`` where nothing is there."""
        found = self._body.value(path)
        return default if found is MISSING else found

    def has(self, path: str) -> bool:
        """Tell whether there is anything at a path, be it null."""
        return self._body.raw(path) is not None

    def number(self, path: str | None) -> int | None:
        """Return the count at a path, or None where there is none that makes sense.

        :param path: keys joined by dots, or ``header:`` and a header's name.
        """
        if path is not None and path.lower().startswith(_HEADER):
            found: Any = self.header(path[len(_HEADER) :].strip())
        else:
            found = self._number_at(path) if path else None
        if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20:
            found = int(found)
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    def _number_at(self, path: str) -> Any:
        try:
            return self.value(path)
        except NumberError:  # a total of 1e999 is JSON, and no total
            return None

    def total(self, path: str | None) -> int | None:
        """Return the total at a path, or None where there is none that can be: one below this page's own records.

        Some servers write 0 where they have not counted; to believe it would be to leave out the rest.
        """
        found = self.number(path)
        return None if found is None or found < self.count else found

    @property
    def shape(self) -> Shape | None:
        """The shape that the next page's body can be expected to have."""
        return None if self._is_empty else self._body.shape(self.records_path)

    def settle(self, records_path: str, shape: Shape | None = None) -> None:
        """Look for the records where an earlier page had them: an array of something else is not taken for them.

        :param shape: what that page's body looked like.
        """
        if self._is_empty:
            return
        if self._records_path is None:
            self.records_path = records_path
        if shape is not None:
            self._body.expect(shape)
