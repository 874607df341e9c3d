"""Pages by number: ``?page=0&size=1000`` and ``{"content": [...], "totalElements": N}``."""

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
class PageNumberPagination(Pagination):
    """Pages by number, as the Organization API has them.

    >>> style = PageNumberPagination(size=2)
    >>> first = style.first()
    >>> first.params
    {'page': 0, 'size': 2}
    >>> answer = PageAnswer(b'{"content": [{"id": 1}, {"id": 2}], "totalElements": 3}', {})
    >>> style.next(first, answer).params
    {'page': 1, 'size': 2}

    With a total, pages are known ahead and fetched concurrently. The end is the last of the number of pages; without
    one, where the records so far reach the total, or where a page is empty. A short page is not the end: a server may
    give smaller pages than it was asked for.

    :param page_param: the parameter for the page's number.
    :param size_param: the one for the number of records in a page; None: none is sent.
    :param size: how many records to ask for.
    :param first_page: the number of the first page: 0 or 1.
    :param total: the path of the total number of records in the answer, or ``header:X-Total-Count``; None: there is
        none.
    :param total_pages: the path of the number of pages; None: there is none.
    :param send_in: ``query``, or ``json`` for fields of the JSON body.
    """

    type: ClassVar[str] = "page_number"

    page_param: str = "page"
    size_param: str | None = "size"
    size: int = 1000
    first_page: int = 0
    total: str | None = "totalElements"
    total_pages: str | None = None
    send_in: SendIn = "query"

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "page_param")
        check_name(self, "size_param", optional=True)
        check_number(self, "size", least=1)
        check_number(self, "first_page", least=0)
        check_name(self, "total", optional=True)
        check_name(self, "total_pages", optional=True)
        check_send_in(self)

    def adopt(self, params: Mapping[str, Any], json: Mapping[str, Any] | None = None) -> Self:
        """Let the caller's query, or body, say the size, and the page to begin with."""
        size = given_number(self.send_in, params, json, self.size_param, least=1)
        first = given_number(self.send_in, params, json, self.page_param, least=0)
        adopted = self if size is None else replace(self, size=size)
        return adopted if first is None else replace(adopted, first_page=first)

    def first(self) -> PageRequest:
        """Return the request for the first page."""
        return self._request(self.first_page, 0)

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for the following page; None after the last one."""
        more = self.has_more(answer)
        page, seen = self._page(request), after(request, answer)
        if more is False or (more is None and self._is_last(page, seen, answer)):
            return None
        return self._request(page + 1, seen)

    def past_the_end(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for the following page, also after the last one."""
        return self._request(self._page(request) + 1, after(request, answer))

    def ahead(self, request: PageRequest, answer: PageAnswer) -> Iterator[PageRequest]:
        """Yield the rest, judged by the size of this page."""
        page, seen, count = self._page(request), after(request, answer), answer.count
        while count and self.knows_the_end(answer) and not self._is_last(page, seen, answer):
            page, seen = page + 1, seen + count
            yield self._request(page, seen - count)

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return the answer's total; None for a walk that begins further on, which is not about all of it."""
        return answer.counted(self.total) if self.first_page <= 1 else None

    def knows_the_end(self, answer: PageAnswer) -> bool:
        """Return whether the answer has a number of pages, or a total."""
        return answer.number(self.total_pages) is not None or answer.total(self.total) is not None

    def missing(self, answer: PageAnswer, *, pages: int, records: int) -> str | None:
        """Compare the records with the total, and the pages with their number."""
        if self.first_page > 1:
            pages += self.first_page  # or one page fewer, where they count from 1
        number = answer.number(self.total_pages)
        if number is not None and pages < number:
            return f"{pages:,} of {number:,} pages came"
        return records_missing(answer.total(self.total), records) if self.first_page <= 1 else None

    @property
    def asked_for(self) -> int | None:
        """The size, where it is sent."""
        return self.size if self.size_param else None

    @property
    def counts_from_zero(self) -> bool:
        """Whether the first page's number is 0."""
        return self.first_page == 0

    def warning(self, answer: PageAnswer) -> str | None:
        """Return a warning where the total ends the list at its first page, and the answer says that there is more."""
        from airflow_provider_orgauth.paging.truncation import more_than_the_total  # not needed to parse a DAG file

        if self.has_more(answer) is not None or answer.number(self.total_pages) is not None:
            return None
        return more_than_the_total(self, answer, self.total)

    def _page(self, request: PageRequest) -> int:
        return int(sent(self.send_in, request)[self.page_param])

    def _is_last(self, page: int, seen: int, answer: PageAnswer) -> bool:
        pages, total = answer.number(self.total_pages), answer.total(self.total)
        number = page + 1 - min(self.first_page, 1)
        # Fewer pages than came so far: such a number is wrong, for example 0 from a server that has not counted.
        if pages is not None and not (answer.count and number > pages):
            return number >= pages
        # The whole list's total: a walk that began further on never sees that many, and ends at an empty page.
        return not answer.count or (total is not None and seen >= total)

    def _request(self, page: int, records_before: int) -> PageRequest:
        size = {} if self.size_param is None else {self.size_param: self.size}
        return page_request(self.send_in, {self.page_param: page, **size}, records_before)
