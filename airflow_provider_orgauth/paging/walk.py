"""The walk: from page to page in order, with what may go wrong on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from airflow_provider_orgauth.exceptions import PaginationError, ResponseError
from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.raw import Raw, decode
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.shape import Shape
from airflow_provider_orgauth.paging.style import Pagination


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was taken.

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
        try:
            return [decode(record) for record in self.records]
        except ResponseError:
            for number, record in enumerate(self.records, 1):
                decode(record, f"Record {number:,} of page {self.number:,}")
            raise


class Walk:
    """Takes the pages of one list, in the order in which its style names them.

    It is the same walk whoever fetches the pages, and however many at once: :attr:`request` is what comes next, and
    :meth:`take` takes its answer. What :meth:`ahead` says may be fetched early is only a guess.

    :raises PaginationError: (in :meth:`take`) the pages go in circles, or never end.
    """

    def __init__(self, style: Pagination) -> None:
        self.style = style
        self.request: PageRequest | None = style.first()
        self.pages = 0
        self.doubt: str | None = None
        """What makes it doubtful that the first page was the only one; for a log."""
        self._records_path: str | None = None
        self._shape: Shape | None = None
        self._last: tuple[PageRequest, PageAnswer] | None = None
        self._asked: set[bytes] = set()

    def take(self, answer: PageAnswer) -> Page:
        """Take the answer to :attr:`request`, and find the next one."""
        request = self.request
        if request is None:
            raise RuntimeError("the walk is over")
        if self._records_path is not None:
            answer.settle(self._records_path, self._shape)
        records = answer.records
        if answer.has_body:
            self._records_path, self._shape = answer.records_path, answer.shape
        self._refuse_repeated_page(answer)
        if not self._asked:
            self._asked.add(_digest(request))
        following = self.style.next(request, answer)
        self.pages += 1
        if following is None and self.pages == 1:
            self.doubt = self.style.doubt(answer)
        if following is not None:
            self._refuse_loop(following)
        self._last, self.request = (request, answer), following
        return Page(self.pages, records, self.style.total_of(answer), answer.on_one_line, answer.size)

    def ahead(self) -> Iterator[PageRequest]:
        """Yield the requests that will probably follow the page just taken."""
        return iter(()) if self._last is None else self.style.ahead(*self._last)

    def to_dict(self) -> dict[str, Any]:
        """Return where the walk stands, as JSON: a retry goes on from there with :meth:`resumed`."""
        return {
            "request": self.request and self.request.to_dict(),
            "pages": self.pages,
            "records_path": self._records_path,
        }

    @classmethod
    def resumed(cls, style: Pagination, saved: Mapping[str, Any]) -> Self:
        """Return a walk that stands where :meth:`to_dict` was called."""
        walk = cls(style)
        walk.request = saved["request"] and PageRequest.from_dict(saved["request"])
        walk.pages = saved["pages"]
        walk._records_path = saved.get("records_path")
        return walk

    def _refuse_loop(self, following: PageRequest) -> None:
        digest = _digest(following)
        if digest in self._asked:
            raise PaginationError(
                f"Page {self.pages} leads back to a page that was read already: the pages go in circles.",
                advice="Check pagination against the API's description; the server may ignore what it is sent.",
            )
        if self.pages >= self.style.max_pages:
            raise PaginationError(
                f"There are more than {self.style.max_pages:,} pages, the most that pagination.max_pages allows.",
                advice="Set it higher, or ask for larger pages; if the list never ends, check pagination.",
            )
        self._asked.add(digest)

    def _refuse_repeated_page(self, answer: PageAnswer) -> None:
        """Two pages in a row with the very same records: the server ignores which page it is asked for."""
        if self._last is None or answer.count < 2:
            return
        before, count = self._last[1], answer.count
        if before.count != count or before.records[0] != answer.records[0] or before.records != answer.records:
            return
        # Records that are all alike, as measurements may be, prove nothing.
        if any(record != answer.records[0] for record in answer.records):
            raise PaginationError(
                f"Page {self.pages + 1} holds the same {count:,} records as the page before: the server seems to "
                "ignore which page it is asked for.",
                advice="Check the parameter names in pagination against the API's description.",
            )


_wire = json.JSONEncoder(sort_keys=True, default=str)


def _digest(request: PageRequest) -> bytes:
    wire = _wire.encode([request.params, request.json, request.url])
    return hashlib.blake2b(wire.encode(), digest_size=16).digest()
