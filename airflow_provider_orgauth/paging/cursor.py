"""Pages by cursor: each answer names what to send for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from airflow_provider_orgauth.exceptions import PaginationError
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import (
    Pagination,
    SendIn,
    after,
    check_name,
    check_number,
    check_send_in,
    given_number,
    page_request,
    records_missing,
)

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer


@dataclass(frozen=True, slots=True, repr=False)
class CursorPagination(Pagination):
    """Pages by cursor (a continuation or next-page token).

    >>> style = CursorPagination(cursor="meta.next", cursor_param="after")
    >>> answer = PageAnswer(b'{"items": [1, 2], "meta": {"next": "c2"}}', {})
    >>> style.next(style.first(), answer).params
    {'after': 'c2'}

    The end is where the answer has no cursor, an empty one, null, 0 or false, or where ``more`` is false. An empty page
    with a cursor is not the end, unless it is the cursor that was just sent. A cursor that stays the same while the
    records change, as that of a server-side scroll, continues.

    :param cursor: the path of the next cursor in the answer's JSON.
    :param cursor_header: the header that holds it instead.
    :param cursor_param: the parameter that takes it.
    :param send_in: ``query``, or ``json`` for a field of the JSON body; the size goes there too.
    :param size_param: the parameter for the number of records in a page; None: none is sent.
    :param size: how many records to ask for.
    :param total: the path of the total number of records; None: there is none.
    """

    type: ClassVar[str] = "cursor"

    cursor: str = "next_cursor"
    cursor_param: str = "cursor"
    cursor_header: str | None = None
    send_in: SendIn = "query"
    size_param: str | None = None
    size: int = 1000
    total: str | None = None

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "cursor")
        check_name(self, "cursor_param")
        for name in ("cursor_header", "size_param", "total"):
            check_name(self, name, optional=True)
        check_number(self, "size", least=1)
        check_send_in(self)

    def adopt(self, params: Mapping[str, Any], json: Mapping[str, Any] | None = None) -> Self:
        """Let the caller's query, or body, say the size; a cursor in it is where the walk begins."""
        size = given_number(self.send_in, params, json, self.size_param, least=1)
        return self if size is None else replace(self, size=size)

    def first(self) -> PageRequest:
        """Return a request without a cursor."""
        return self._request({}, 0)

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return a request with the answer's cursor."""
        more = self.has_more(answer)
        if more is False:
            return None
        cursor = answer.header(self.cursor_header) if self.cursor_header else answer.value(self.cursor)
        if not cursor and not more:
            return None
        if not cursor or not self._can_be_sent(cursor):
            where = f"in the header {self.cursor_header}" if self.cursor_header else f"at {self.cursor!r}"
            raise PaginationError(
                f"The answer has no text or number {where}, where its next cursor should be.",
                advice="Correct pagination.cursor.",
            )
        return self._request({self.cursor_param: cursor}, after(request, answer))

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return the answer's total."""
        return answer.counted(self.total)

    def missing(self, answer: PageAnswer, *, pages: int, records: int) -> str | None:
        """Compare the number of records with the total."""
        return records_missing(answer.total(self.total), records)

    @property
    def asked_for(self) -> int | None:
        """The size, where it is sent."""
        return self.size if self.size_param else None

    def warning(self, answer: PageAnswer) -> str | None:
        """Return a warning where the first answer has nothing where the cursor should be: its name may be misspelt."""
        if self.cursor_header or answer.has(self.cursor) or self.has_more(answer) is not None:
            return None
        return f"the answer has nothing at {self.cursor!r}, where its next cursor should be"

    @staticmethod
    def _can_be_sent(cursor: Any) -> bool:
        if isinstance(cursor, str):
            # Nor bytes of a header that are no UTF-8: sent back in another encoding, they would be another cursor.
            return not any("\ud800" <= character <= "\udfff" for character in cursor)
        return isinstance(cursor, int | float) and not isinstance(cursor, bool)

    def _request(self, cursor: dict[str, Any], records_before: int) -> PageRequest:
        size = {} if self.size_param is None else {self.size_param: self.size}
        return page_request(self.send_in, {**cursor, **size}, records_before)
