"""Pages by cursor: each answer names what to send for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from airflow_provider_orgauth.exceptions import ConfigurationError, PaginationError
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination, after, check_name, check_number, whole_number

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer


@dataclass(frozen=True, slots=True)
class CursorPagination(Pagination):
    """Pages by cursor (a continuation or next-page token).

    The end is where the answer has no cursor, an empty one, null, 0 or false, or where ``more`` is false. An empty page
    with a cursor is not the end.

    :param cursor: the path of the next cursor in the answer's JSON.
    :param cursor_header: the header that holds it instead.
    :param cursor_param: the parameter that takes it.
    :param send_in: ``query``, or ``json`` for a field of the JSON body.
    :param more: the path of a flag that says whether there is more; None: the cursor says it.
    :param size_param: the query parameter for the number of records in a page; None: none is sent.
    :param size: how many records to ask for.
    :param total: the path of the total number of records; None: there is none.
    """

    type: ClassVar[str] = "cursor"

    cursor: str = "next_cursor"
    cursor_param: str = "cursor"
    cursor_header: str | None = None
    send_in: Literal["query", "json"] = "query"
    more: str | None = None
    size_param: str | None = None
    size: int = 1000
    total: str | None = None

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "cursor")
        check_name(self, "cursor_param")
        for name in ("cursor_header", "more", "size_param", "total"):
            check_name(self, name, optional=True)
        check_number(self, "size", least=1)
        if self.send_in not in ("query", "json"):
            raise ConfigurationError("pagination.send_in", "is unknown", advice="Write query or json.")

    def adopt(self, params: Mapping[str, Any]) -> Self:
        """Let the caller's query say the size; a cursor in it is where the walk begins."""
        if self.size_param is None or params.get(self.size_param) is None:
            return self
        return replace(self, size=whole_number(self.size_param, params[self.size_param], least=1))

    def first(self) -> PageRequest:
        """Ask without a cursor."""
        return self._request({}, 0)

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Ask with the answer's cursor."""
        cursor = answer.header(self.cursor_header) if self.cursor_header else answer.value(self.cursor)
        more = None if self.more is None else answer.value(self.more)
        if more in (False, "false") or (not cursor and more not in (True, "true")):
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
        return answer.number(self.total)

    def doubt(self, answer: PageAnswer) -> str | None:
        """Say it where the first answer has nothing at all where the cursor should be: perhaps a wrong name."""
        if self.cursor_header or answer.has(self.cursor) or (self.more is not None and answer.has(self.more)):
            return None
        return f"the answer has nothing at {self.cursor!r}, where its next cursor should be"

    @staticmethod
    def _can_be_sent(cursor: Any) -> bool:
        if isinstance(cursor, str):
            return not any("\ud800" <= character <= "\udfff" for character in cursor)
        return isinstance(cursor, int | float) and not isinstance(cursor, bool)

    def _request(self, cursor: dict[str, Any], records_before: int) -> PageRequest:
        size = {} if self.size_param is None else {self.size_param: self.size}
        if self.send_in == "json":
            return PageRequest(json={**cursor, **size}, records_before=records_before)
        return PageRequest({**cursor, **size}, records_before=records_before)
