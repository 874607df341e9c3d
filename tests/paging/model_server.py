"""Lists as servers give them, without a socket: one function per way of paging, and a plain loop to hold against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from airflow_provider_orgauth.client.page_threads import fetched_pages
from airflow_provider_orgauth.paging import PageAnswer, PageRequest, Pagination
from airflow_provider_orgauth.paging.paginator import Paginator
from airflow_provider_orgauth.paging.raw import decode
from airflow_provider_orgauth.paging.style import sent

URL = "https://fra1.example/api/v1/things"

PastEnd = Literal["empty", "204", "null", "left out", "404", "last", "first", "wrap", "clamp"]


def answer(
    value: Any = None, *, content: bytes | None = None, records: str | None = None, **headers: str
) -> PageAnswer:
    """Return an answer whose body is the JSON of ``value``; ``link="…"`` is its header."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return PageAnswer(
        json.dumps(value).encode() if content is None else content, names, f"{URL}?x=1", records_path=records
    )


@dataclass(frozen=True)
class ModelServer:
    """A list of ``length`` records, each its own number.

    :param limit: the most records in a page, whatever was asked for.
    :param first: what pages or offsets count from.
    :param total: what it says there are; None: nothing.
    :param pages: how many pages it says there are; None: nothing.
    :param short: pages (counted from 0) that hold one record less than they should; the record is in none.
    :param past_end: what it gives to whoever asks for more than there is: nothing, in five ways; the last page or the
        first one; pages from the beginning; or, by offset, the last so many records.
    :param send_in: where it looks for what it is asked.
    """

    length: int
    limit: int = 1000
    first: int = 0
    total: int | None = None
    pages: int | None = None
    short: frozenset[int] = frozenset()
    past_end: PastEnd = "empty"
    send_in: Literal["query", "json"] = "query"

    def page(self, request: PageRequest) -> PageAnswer:
        """``?page=&size=``."""
        names = sent(self.send_in, request)
        size, number = min(names["size"], self.limit), names["page"] - self.first
        last = max(0, -(-self.length // size) - 1)
        if number > last and self.past_end in ("last", "first", "wrap"):
            number = {"last": last, "first": 0, "wrap": number % (last + 1)}[self.past_end]
        records = list(range(self.length))[number * size : (number + 1) * size]
        return self._answer(records[:-1] if number in self.short else records)

    def window(self, request: PageRequest) -> PageAnswer:
        """``?offset=&limit=``."""
        names = sent(self.send_in, request)
        size, offset = min(names["limit"], self.limit), names["offset"] - self.first
        if offset >= self.length:
            return self._answer(self._past_the_last_window(size))
        # Fewer than asked for, now and then; the next offset then begins with what was left out.
        size -= size > 1 and offset % 7 in self.short
        return self._answer(list(range(self.length))[offset : offset + size])

    def after(self, cursor: int) -> tuple[list[int], int | None]:
        """A page of records, and where the next one begins."""
        following = cursor + self.limit
        return list(range(self.length))[cursor:following], following if following < self.length else None

    def _past_the_last_window(self, size: int) -> list[int]:
        everything = list(range(self.length))
        return {"clamp": everything[-size:], "first": everything[:size]}.get(self.past_end, [])

    def _answer(self, records: list[int]) -> PageAnswer:
        if not records and self.past_end in ("204", "404"):
            return PageAnswer(b"", {}, URL, end_status=404 if self.past_end == "404" else None)
        counts = {"total": self.total, "pages": self.pages}
        about = {name: count for name, count in counts.items() if count is not None}
        if not records and self.past_end in ("left out", "null"):
            return answer({**about, **({"content": None} if self.past_end == "null" else {})}, records="content")
        return answer({"content": records, **about})


class Counted:
    """A server that counts what it is asked."""

    def __init__(self, serve: Callable[[PageRequest], PageAnswer]) -> None:
        self._serve = serve
        self.requests: list[PageRequest] = []

    def __call__(self, request: PageRequest) -> PageAnswer:
        self.requests.append(request)
        return self._serve(request)


def taken(style: Pagination, fetch: Any, *, max_concurrency: int = 1) -> list[Any]:
    """Return the records of a whole walk, decoded."""
    return [record for page in pages_of(style, fetch, max_concurrency=max_concurrency) for record in page]


def pages_of(style: Pagination, fetch: Any, *, max_concurrency: int = 1) -> Iterator[list[Any]]:
    """Yield the records of each page, decoded."""
    for page in fetched_pages(Paginator(style), fetch, max_concurrency=max_concurrency):
        yield [decode(record) for record in page.records]


def taken_in_tries(style: Pagination, fetch: Any, *, stop_after: int) -> list[Any]:
    """Return the records of a walk that is saved as JSON and goes on anew after so many pages that were given."""
    walk, records = Paginator(style), []
    while walk.request is not None:
        page = walk.take(fetch(walk.request))
        if page is None:
            continue
        records += [decode(record) for record in page.records]
        stop_after -= 1
        if stop_after == 0:
            walk = Paginator.resumed(style, json.loads(json.dumps(walk.to_dict())))
    return records


def asked(style: Pagination, fetch: Any) -> list[PageRequest]:
    """Return the requests of a whole walk."""
    counted = Counted(fetch)
    taken(style, counted)
    return counted.requests
