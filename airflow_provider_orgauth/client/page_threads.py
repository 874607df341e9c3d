"""Fetch the pages of a walk with threads, several at once where they are known ahead, and hand them over in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client.read_ahead import ReadAhead
from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.paginator import Page, Paginator
from airflow_provider_orgauth.paging.request import PageRequest

Fetch = Callable[[PageRequest], PageAnswer]


def fetched_pages(paginator: Paginator, fetch: Fetch, *, max_concurrency: int) -> Iterator[Page]:
    """Yield the pages of ``paginator`` in order.

    :param fetch: sends one request; called from as many threads as may fetch at once.
    :param max_concurrency: how many; 1 is one after the other, in the caller's thread.
    """
    if max_concurrency == 1:
        while paginator.request is not None:
            page = paginator.take(fetch(paginator.request))
            if page is not None:
                yield page
        return
    with _Threads(fetch, max_concurrency) as threads:
        while paginator.request is not None:
            page = paginator.take(threads.get(paginator.request))
            if threads.ahead.wants_guesses:
                threads.ahead.guess(paginator.ahead())
            if page is not None:
                yield page


class _Threads:
    """Threads that fetch pages, and the rule that says which."""

    def __init__(self, fetch: Fetch, max_concurrency: int) -> None:
        self._fetch = fetch
        self._max_concurrency = max_concurrency
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Begin with no page and threads of its own: a child that walks on fetches for itself what it wants."""
        self._threads = ThreadPoolExecutor(self._max_concurrency, thread_name_prefix="orgauth-page")
        self.ahead: ReadAhead[Future[PageAnswer]] = ReadAhead(
            self._max_concurrency, start=self._start, cancel=Future.cancel
        )

    def __enter__(self) -> _Threads:
        return self

    def __exit__(self, *_: object) -> None:
        # A caller that stops early must not wait for pages that it is not going to read.
        self._threads.shutdown(wait=False, cancel_futures=True)

    def get(self, request: PageRequest) -> PageAnswer:
        """Return the answer to ``request``, and fetch more."""
        answer = self.ahead.take(request).result()
        self.ahead.received(answer.size)
        return answer

    def _start(self, request: PageRequest) -> Future[PageAnswer]:
        # In the caller's context: there, a trace finds the span that the request is a part of.
        return self._threads.submit(copy_context().run, self._fetch, request)
