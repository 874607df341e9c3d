"""The pages of one list, in order: from each answer to the next request, with a guard against lists that never end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from airflow_provider_orgauth.exceptions import PaginationError, ResponseError
from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.empty_page import Envelope
from airflow_provider_orgauth.paging.ending import Ending
from airflow_provider_orgauth.paging.page_layout import PageLayout
from airflow_provider_orgauth.paging.raw import Raw, decode
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination
from airflow_provider_orgauth.paging.truncation import more_than_one_page


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was taken; or two, where the first one looked like the end of the list.

    :param number: from 1.
    :param records: undecoded.
    :param total: how many records the server says there are, or None.
    :param on_one_line: no record has a line break in it; False: perhaps one has.
    :param size: bytes of the answer's body, unpacked.
    """

    number: int
    records: list[Raw]
    total: int | None
    on_one_line: bool = False
    size: int = 0

    def decoded(self) -> list[Any]:
        """Return the records, decoded.

        :raises NumberError: one has a number that nothing holds, such as ``1e999``; with where it is.
        :raises ResponseError: one is not JSON.
        """
        with suppress(ResponseError):
            return [decode(record) for record in self.records]
        # One of them cannot be decoded: once more, to say which.
        return [
            decode(record, f"Record {number:,} of page {self.number:,}")
            for number, record in enumerate(self.records, 1)
        ]


class Paginator:
    """Takes the pages of one list, in the order in which its style names them.

    It is the same whether pages are fetched one by one or several at once: :attr:`request` is what comes next, and
    :meth:`take` takes its answer. What :meth:`ahead` says may be fetched early is only a guess.

    A list ends where its style says so, or where two answers in a row bring nothing new: see :mod:`.ending`.

    :raises PaginationError: (in :meth:`take`) the pages go in circles, or never end, or the list ends before its total.
    :raises ResponseError: (there, too) an answer is no page.
    """

    def __init__(self, style: Pagination) -> None:
        self.style = style
        self.request: PageRequest | None = style.first()
        self.pages = 0
        self.records = 0
        """How many came so far."""
        self.warning: str | None = None
        """What makes it doubtful that the first page was the only one; for a log."""
        self.sign_of_more: str | None = None
        """What says that it was not."""
        self._records_path: str | None = None
        self._layout: PageLayout | None = None
        self._envelope: Envelope | None = None
        self._last: tuple[PageRequest, PageAnswer] | None = None
        self._ending = Ending(style)
        self._held: Page | None = None
        self._before_held: dict[str, Any] = {}

    def take(self, answer: PageAnswer) -> Page | None:
        """Take the answer to :attr:`request`, and find the next one; None: it brought nothing, or is held back."""
        request = self.request
        if request is None:
            raise RuntimeError("the walk is over")
        try:
            return self._take(request, answer)
        except ResponseError as error:
            message = f"{error.message} {self._so_far()}" if self.pages else error.message
            raise type(error)(message, advice=error.advice, status=error.status) from None

    @property
    def missing(self) -> str | None:
        """What of the list has not come, by what the answers said so far; None: nothing, or it is unknown."""
        return self._ending.missing

    def ahead(self) -> Iterator[PageRequest]:
        """Yield the requests that will probably follow the page just taken."""
        return iter(()) if self._last is None else self.style.ahead(*self._last)

    def to_dict(self) -> dict[str, Any]:
        """Return where the walk stands, as JSON: a retry resumes from there with :meth:`resumed`.

        A page that is held back was not handed out: a resumed walk fetches it again.
        """
        return self._before_held if self._held is not None else self._state()

    @classmethod
    def resumed(cls, style: Pagination, saved: Mapping[str, Any]) -> Self:
        """Return a walk that stands where :meth:`to_dict` was called."""
        paginator = cls(style)
        paginator.request = saved["request"] and PageRequest.from_dict(saved["request"])
        paginator.pages = saved["pages"]
        paginator.records = saved["records"]
        paginator._records_path = saved["records_path"]
        paginator._envelope = saved["envelope"] and Envelope.from_dict(saved["envelope"])
        paginator._ending = Ending.resumed(style, saved["ending"])
        return paginator

    def _state(self) -> dict[str, Any]:
        return {
            "request": self.request and self.request.to_dict(),
            "pages": self.pages,
            "records": self.records,
            "records_path": self._records_path,
            "envelope": self._envelope and self._envelope.to_dict(),
            "ending": self._ending.to_dict(),
        }

    def _take(self, request: PageRequest, answer: PageAnswer) -> Page | None:
        if self._records_path is not None:
            answer.assume(self._records_path, self._layout, self._envelope)
        self._refuse_an_empty_page(answer)
        following = self._following(request, answer)
        ending, held = self._ending, self._held
        if held is not None and ending.confirms(answer.records, held.records):
            ending.refuse(request, answer, following, pages=self.pages, records=self.records)
            self.request = self._held = None
            return None
        if held is not None:
            ending.refuse_the_first_page_twice(held.records, pages=self.pages)
        elif ending.may_be_near(answer):
            following = following or self.style.past_the_end(request, answer)
            if following is not None:
                self._before_held = self._state()
                self._held = self._page(answer)
                self._last, self.request = (request, answer), following
                return None
        page = self._came(self._page(answer), answer, is_last=following is None)
        if self.pages == 1:
            if following is None:
                self.warning = self.style.warning(answer)
                self.sign_of_more = None if self.warning is None else more_than_one_page(answer)
            else:
                self._ending.leads_to(following)
        self._last, self.request = (request, answer), following
        return page

    def _following(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the next request as the style names it, unless nothing new can come of it."""
        if answer.end_status is not None:
            self._ending.refuse_status(answer.end_status)
            return None
        if self.style.empty_is_end and not answer.count:
            return None
        following = self.style.next(request, answer)
        if answer.count or following is None:
            return following
        return self._ending.after_nothing(request, following)

    def _page(self, answer: PageAnswer) -> Page:
        number = self.pages + 1 + (self._held is not None)
        return Page(number, answer.records, self.style.total_of(answer), answer.on_one_line, answer.size)

    def _came(self, page: Page, answer: PageAnswer, *, is_last: bool) -> Page:
        """Count a page, and the one that was held back before it: that one was not the end of the list."""
        if answer.has_body and not answer.left_out:
            if self._envelope is None and page.records:
                self._envelope = answer.envelope()
            self._records_path, self._layout = answer.records_path, answer.layout
        held, self._held = self._held, None
        for one in (page,) if held is None else (held, page):
            self._refuse_a_page_too_many(one, is_last=is_last)
            self._ending.observe(one.records, self.style.knows_the_end(answer))
            self.pages += 1
            self.records += len(one.records)
        missing = self.style.missing(answer, pages=self.pages, records=self.records)
        # An answer without records and without a total takes nothing back of what those before said.
        is_news = missing is not None or page.records or self.style.total_of(answer) is not None
        if is_news and answer.end_status is None:
            self._ending.missing = missing
        if held is None:
            return page
        total = held.total if page.total is None else page.total
        on_one_line = held.on_one_line and page.on_one_line
        return Page(page.number, held.records + page.records, total, on_one_line, held.size + page.size)

    def _refuse_an_empty_page(self, answer: PageAnswer) -> None:
        """Refuse an answer that has no records where a first page would: it is no empty page."""
        missing = self.style.missing(answer, pages=0, records=0) if answer.left_out and not self.pages else None
        if missing is not None:
            raise ResponseError(
                f"records: the answer has nothing at {answer.records_path[:100]!r}, and {missing}.",
                advice='Say where the records are, as records="content" or records="data.items".',
            )

    def _refuse_a_page_too_many(self, page: Page, *, is_last: bool) -> None:
        if self.pages >= self.style.max_pages and not (is_last and not page.records):
            raise PaginationError(
                f"There are more than {self.style.max_pages:,} pages, the most that pagination.max_pages allows.",
                advice="Set it higher, or ask for larger pages; if the list never ends, check pagination.",
            )

    def _so_far(self) -> str:
        pages = "1 page" if self.pages == 1 else f"{self.pages:,} pages"
        records = "1 record" if self.records == 1 else f"{self.records:,} records"
        return f"({pages} with {records} came before.)"
