"""Lists as servers give them, without a socket: one function per way of paging, and a plain loop to hold against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow_provider_orgauth.client.pages import fetched
from airflow_provider_orgauth.paging import PageAnswer, PageRequest, Pagination
from airflow_provider_orgauth.paging.raw import decode
from airflow_provider_orgauth.paging.walk import Walk

URL = "https://fra1.example/api/v1/things"


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
    :param empty_is_204: past the end it has no body, rather than an empty array.
    """

    length: int
    limit: int = 1000
    first: int = 0
    total: int | None = None
    pages: int | None = None
    short: frozenset[int] = frozenset()
    empty_is_204: bool = False

    def page(self, request: PageRequest) -> PageAnswer:
        """``?page=&size=``."""
        size = min(request.params["size"], self.limit)
        number = request.params["page"] - self.first
        records = list(range(self.length))[number * size : (number + 1) * size]
        return self._answer(records[:-1] if number in self.short else records)

    def window(self, request: PageRequest) -> PageAnswer:
        """``?offset=&limit=``."""
        size, offset = min(request.params["limit"], self.limit), request.params["offset"] - self.first
        # Fewer than asked for, now and then; the next offset then begins with what was left out.
        size -= size > 1 and offset % 7 in self.short
        return self._answer(list(range(self.length))[offset : offset + size])

    def after(self, cursor: int) -> tuple[list[int], int | None]:
        """A page of records, and where the next one begins."""
        following = cursor + self.limit
        return list(range(self.length))[cursor:following], following if following < self.length else None

    def _answer(self, records: list[int]) -> PageAnswer:
        if not records and self.empty_is_204:
            return answer(content=b"")
        about = {"total": self.total, "pages": self.pages}
        return answer({"content": records, **{name: count for name, count in about.items() if count is not None}})


def taken(style: Pagination, fetch: Any, *, max_concurrency: int = 1) -> list[Any]:
    """Return the records of a whole walk, decoded."""
    return [record for page in pages_of(style, fetch, max_concurrency=max_concurrency) for record in page]


def pages_of(style: Pagination, fetch: Any, *, max_concurrency: int = 1) -> Iterator[list[Any]]:
    """Yield the records of each page, decoded."""
    for page in fetched(Walk(style), fetch, max_concurrency=max_concurrency):
        yield [decode(record) for record in page.records]


def asked(style: Pagination, fetch: Any) -> list[PageRequest]:
    """Return the requests of a whole walk."""
    requests: list[PageRequest] = []

    def noted(request: PageRequest) -> PageAnswer:
        requests.append(request)
        return fetch(request)

    taken(style, noted)
    return requests
