"""Find things in a page of JSON without decoding its records: a record stays the bytes that came."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from airflow_provider_orgauth.exceptions import NumberError, ResponseError
from airflow_provider_orgauth.oauth.charset import NoText, utf8_of
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.paging.no_text import not_text
from airflow_provider_orgauth.paging.page_layout import Opened, PageLayout
from airflow_provider_orgauth.paging.raw import Raw, decode, elements, first_byte, members, not_json, opened, walked

MISSING = object()
"""What :meth:`JsonBody.value` gives for a path that leads nowhere; ``null`` is None."""

_SAY_WHERE = 'Say where the records are, as records="content" or records="data.items"; records="" is the whole answer.'


class JsonBody:
    """The JSON of one answer.

    A path is keys joined by dots, such as ``page.totalElements``. A key that has a dot itself, such as
    ``@odata.nextLink``, is found as well.

    :param content: the bytes as they came. What is not UTF-8 (RFC 8259 section 8.1) is turned into it.
    :param content_type: the answer's, which may name a charset.
    :raises ResponseNotTextError: it is bytes, and no text.
    :raises ResponseError: (here and in every method) it is not JSON.
    """

    def __init__(self, content: bytes, content_type: str = "") -> None:
        try:
            # Looks through all of it: msgspec checks the UTF-8 of what it decodes, and not of what it leaves as it is.
            content = utf8_of(content, content_type or "application/json").strip(b" \t\r\n")
        except NoText as why:
            raise not_text("A page", content, content_type, why) from None
        if not content:
            raise not_json("it is empty")
        self._whole = Raw(content)
        self.on_one_line = b"\n" not in content and b"\r" not in content
        self._expected: PageLayout | None = None

    @cached_property
    def top(self) -> Raw | dict[str, Raw]:
        """The top-level object, its values still undecoded; or, where it is none, the whole."""
        return opened(self._whole)

    def expect(self, layout: PageLayout) -> None:
        """Try first whether it has this layout, as an earlier page had."""
        self._expected = layout

    def layout(self, records: str) -> PageLayout | None:
        """Return the layout that the next page can be expected to have, or None where that would save nothing.

        :param records: the path of the records.
        """
        if self._in_one_pass is not None:
            return self._expected
        if not records or not isinstance(self.top, dict) or records not in self.top:
            return self._expected  # the whole answer, or deeper down
        return PageLayout(frozenset(self.top), records) if self._expected is None else self._expected.widened(self.top)

    def raw(self, path: str) -> Raw | None:
        """Return the undecoded value at ``path``, or None where nothing is there; the whole at an empty path."""
        return walked(self._top_for(path), self._whole, path)

    def value(self, path: str) -> Any:
        """Return the decoded value at ``path``, or :data:`MISSING`."""
        raw = self.raw(path)
        return MISSING if raw is None else decode(raw)

    def array(self, path: str) -> list[Raw]:
        """Return the elements of the array at ``path``, undecoded; of the whole where ``path`` is empty.

        ``null`` is an array without elements: some servers write an empty page that way.

        :raises ResponseError: there is nothing, or something else.
        """
        if self._in_one_pass is not None and path == self._in_one_pass.path:
            return self._in_one_pass.records
        raw = self.raw(path)
        if raw is None:
            if not isinstance(self.top, dict):
                decode(self._whole)  # it may be no JSON at all, which says more
            raise self.nothing_at(path)
        if first_byte(raw) == b"[":
            return elements(raw)
        if decode(raw) is None:  # the answer as a whole was not read so far: it may be no JSON
            return []
        where = f"what is at {path[:100]!r}" if path else "the answer"
        raise ResponseError(f"records: {where} is no array{self._keys()}.", advice=_SAY_WHERE)

    def nothing_at(self, path: str) -> ResponseError:
        """Return the error for a page without the records."""
        return ResponseError(f"records: the answer has nothing at {path[:100]!r}{self._keys()}.", advice=_SAY_WHERE)

    def is_null(self, path: str) -> bool:
        """Return whether there is ``null`` at ``path``, rather than a value or nothing."""
        raw = self.raw(path)
        return raw is not None and first_byte(raw) == b"n"

    def beside(self, path: str) -> Iterable[tuple[str, Raw]]:
        """Return the members of the answer's object, but for the one that ``path`` leads to, or into, an array."""
        if not isinstance(self.top, dict):
            return []
        return [(key, raw) for key, raw in self.top.items() if key != path]

    def around_records(self) -> Any:
        """Return the top-level object, decoded down to its third level; long arrays are empty in it.

        None where it is no object. A number that nothing holds is None as well.
        """
        return _shallow(self._whole) if isinstance(self.top, dict) else None

    def only_array(self) -> str:
        """Return the path of the records where none is given: the answer itself, or the one array in it.

        :raises ResponseError: there is none, or more than one.
        """
        if not isinstance(self.top, dict):
            return ""
        arrays = [key for key, value in self.top.items() if first_byte(value) == b"["]
        if len(arrays) == 1:
            return arrays[0]
        problem = "no array" if not arrays else f"{len(arrays)} arrays"
        raise ResponseError(f"records: the answer has {problem}{self._keys()}.", advice=_SAY_WHERE)

    @cached_property
    def _in_one_pass(self) -> Opened | None:
        """What one pass found, where it has the layout that was expected."""
        return None if self._expected is None else self._expected.open(self._whole)

    def _top_for(self, path: str) -> Raw | dict[str, Raw]:
        """Return the top level, without the records where ``path`` does not lead to them."""
        found = self._in_one_pass
        if found is None or path == found.path or path.startswith(f"{found.path}."):
            return self.top
        return found.others

    def _keys(self) -> str:
        if not isinstance(self.top, dict):
            return ""
        keys = ", ".join(self.top).encode(errors="replace").decode()  # half a surrogate pair cannot be logged
        return f" (its keys: {one_line(keys)[:200]})" if self.top else " (it is empty)"


_SHORT_BYTES = 4096
"""Bytes of an array that is decoded as a part of what stands around the records."""


def _shallow(raw: Raw, depth: int = 0) -> Any:
    first = first_byte(raw)
    if first == b"{":
        return {key: _shallow(value, depth + 1) for key, value in members(raw).items()} if depth < 3 else {}
    if first == b"[" and len(memoryview(raw)) > _SHORT_BYTES:
        return []
    try:
        return decode(raw)
    except NumberError:
        return None
