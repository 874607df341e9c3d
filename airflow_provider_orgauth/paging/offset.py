"""Pages by offset: ``?offset=2000&limit=1000``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

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
    sent,
)

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer


@dataclass(frozen=True, slots=True, repr=False)
class OffsetPagination(Pagination):
    """Pages by offset and limit.

    >>> style = OffsetPagination(limit=2, total="total")
    >>> first = style.first()
    >>> first.params
    {'offset': 0, 'limit': 2}
    >>> style.next(first, PageAnswer(b'{"items": [1, 2], "total": 3}', {})).params
    {'offset': 2, 'limit': 2}

    The next offset is this one plus the records that came, not plus the limit: a server may give fewer than it was
    asked for, and then nothing is left out. With a total, pages are known ahead and fetched concurrently. The end is
    where the offset reaches the total, or where a page is empty.

    :param offset_param: the parameter for the number of records to skip.
    :param limit_param: the one for the number of records in a page; None: none is sent.
    :param limit: how many records to ask for.
    :param first_offset: the first record's offset: 0, or 1.
    :param total: the path of the total number of records in the answer, or ``header:X-Total-Count``; None: there is
        none.
    :param send_in: ``query``, or ``json`` for fields of the JSON body.
    """

    type: ClassVar[str] = "offset"

    offset_param: str = "offset"
    limit_param: str | None = "limit"
    limit: int = 1000
    first_offset: int = 0
    total: str | None = "total"
    send_in: SendIn = "query"

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "offset_param")
        check_name(self, "limit_param", optional=True)
        check_number(self, "limit", least=1)
        check_number(self, "first_offset", least=0)
        check_name(self, "total", optional=True)
        check_send_in(self)

    def adopt(self, params: Mapping[str, Any], json: Mapping[str, Any] | None = None) -> Self:
        """Let the caller's query, or body, say the limit, and the offset to begin with."""
        limit = given_number(self.send_in, params, json, self.limit_param, least=1)
        first = given_number(self.send_in, params, json, self.offset_param, least=0)
        adopted = self if limit is None else replace(self, limit=limit)
        return adopted if first is None else replace(adopted, first_offset=first)

    def first(self) -> PageRequest:
        """Return the request for the first page."""
        return self._request(self.first_offset, 0)

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for what follows this page's records; None where these were the last."""
        more, total = self.has_more(answer), answer.total(self.total)
        offset = self._offset(request) + answer.count
        is_last = not answer.count or (total is not None and offset >= self._end(total))
        if more is False or (more is None and is_last):
            return None
        if not answer.count:
            offset += self.limit  # a page that a filter left empty still takes its place
        return self._request(offset, after(request, answer))

    def past_the_end(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for what follows this page's records, also after the last."""
        return self._request(self._offset(request) + answer.count, after(request, answer))

    def ahead(self, request: PageRequest, answer: PageAnswer) -> Iterator[PageRequest]:
        """Yield the rest, judged by the size of this page."""
        count, total = answer.count, answer.total(self.total)
        if not count or total is None:
            return
        offset = self._offset(request)
        for further in range(offset + count, self._end(total), count):
            yield self._request(further, request.records_before + further - offset)

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return the answer's total; None for a walk that begins further on, which is not about all of it."""
        return answer.counted(self.total) if self.first_offset <= 1 else None

    def knows_the_end(self, answer: PageAnswer) -> bool:
        """Return whether the answer has a total."""
        return answer.total(self.total) is not None

    def missing(self, answer: PageAnswer, *, pages: int, records: int) -> str | None:
        """Compare the number of records with the total, less the offset at which the walk began."""
        total = answer.total(self.total)
        return None if total is None else records_missing(max(0, self._end(total) - self.first_offset), records)

    @property
    def asked_for(self) -> int | None:
        """The limit, where it is sent."""
        return self.limit if self.limit_param else None

    def warning(self, answer: PageAnswer) -> str | None:
        """Return a warning where the total ends the list at its first page, and the answer says that there is more."""
        from airflow_provider_orgauth.paging.truncation import more_than_the_total  # not needed to parse a DAG file

        return None if self.has_more(answer) is not None else more_than_the_total(self, answer, self.total)

    def _offset(self, request: PageRequest) -> int:
        return int(sent(self.send_in, request)[self.offset_param])

    def _end(self, total: int) -> int:
        """Return the offset after the last record, where they count from 1 (as SCIM does) too.

        A walk that begins at 1 or further on may not know from what they count; it asks for a page more if it must.
        """
        return total + min(self.first_offset, 1)

    def _request(self, offset: int, records_before: int) -> PageRequest:
        limit = {} if self.limit_param is None else {self.limit_param: self.limit}
        return page_request(self.send_in, {self.offset_param: offset, **limit}, records_before)
