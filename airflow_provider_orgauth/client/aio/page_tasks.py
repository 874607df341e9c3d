"""Fetch the pages of a walk with tasks, several at once where they are known ahead, and hand them over in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.read_ahead import ReadAhead
from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.paginator import Page, Paginator
from airflow_provider_orgauth.paging.request import PageRequest

READ_ON_THE_LOOP_BYTES = 1024 * 1024
"""Of a page; a longer one is read in a thread."""

Fetch = Callable[[PageRequest], Awaitable[PageAnswer]]


async def fetched_pages(paginator: Paginator, fetch: Fetch, *, max_concurrency: int) -> AsyncGenerator[Page]:
    """Yield the pages of ``paginator`` in order.

    :param fetch: sends one request; called from as many tasks as may fetch at once.
    :param max_concurrency: how many; 1 is one after the other, in the caller's task.
    """
    if max_concurrency == 1:
        while paginator.request is not None:
            page = await _taken(paginator, await fetch(paginator.request))
            if page is not None:
                yield page
        return
    async with _Tasks(fetch, max_concurrency) as tasks:
        while paginator.request is not None:
            page = await _taken(paginator, await tasks.get(paginator.request))
            if tasks.ahead.wants_guesses:
                tasks.ahead.guess(paginator.ahead())
            if page is not None:
                yield page


async def _taken(paginator: Paginator, answer: PageAnswer) -> Page | None:
    if answer.size > READ_ON_THE_LOOP_BYTES:
        return await in_thread(paginator.take, answer)
    return paginator.take(answer)


class _Tasks:
    """Tasks that fetch pages, and the rule that says which."""

    def __init__(self, fetch: Fetch, max_concurrency: int) -> None:
        self._fetch = fetch
        self._at_once = asyncio.Semaphore(max_concurrency)
        self._under_way: set[asyncio.Task[PageAnswer]] = set()
        self.ahead: ReadAhead[asyncio.Task[PageAnswer]] = ReadAhead(
            max_concurrency, start=self._start, cancel=asyncio.Task.cancel
        )

    async def __aenter__(self) -> _Tasks:
        return self

    async def __aexit__(self, *_: object) -> None:
        # A caller that stops early must not wait for pages that it is not going to read, and leaves none behind.
        left = list(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def get(self, request: PageRequest) -> PageAnswer:
        """Return the answer to ``request``, and fetch more."""
        answer = await self.ahead.take(request)
        self.ahead.received(answer.size)
        return answer

    def _start(self, request: PageRequest) -> asyncio.Task[PageAnswer]:
        task = asyncio.create_task(self._fetch_in_turn(request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _fetch_in_turn(self, request: PageRequest) -> PageAnswer:
        async with self._at_once:
            return await self._fetch(request)
