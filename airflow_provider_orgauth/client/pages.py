"""Fetch the pages of a walk, several at once where they are known ahead, and hand them over in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.walk import Page, Walk

Fetch = Callable[[PageRequest], PageAnswer]

READ_AHEAD = 2
"""Pages that may be under way or waiting to be taken, for each one that may be fetched at a time: while one that comes
late holds up the others, there is still something to fetch."""


HELD = 64 * 1024 * 1024
"""Bytes of pages that may wait to be taken, judged by the last one: where pages are huge, fewer are fetched ahead."""


def fetched(walk: Walk, fetch: Fetch, *, max_concurrency: int) -> Iterator[Page]:
    """Yield the pages of ``walk`` in order.

    :param fetch: sends one request; called from as many threads as may fetch at once.
    :param max_concurrency: how many; 1 is one after the other, in the caller's thread.
    """
    if max_concurrency == 1:
        while walk.request is not None:
            page = walk.take(fetch(walk.request))
            if page is not None:
                yield page
        return
    with _ReadAhead(fetch, max_concurrency) as pages:
        while walk.request is not None:
            answer = pages.get(walk.request)
            page = walk.take(answer)
            if pages.guesses_wanted:
                pages.guess(walk.ahead())
            if page is not None:
                yield page


class _ReadAhead:
    """Pages fetched before anyone asks for them. A wrong guess costs a request, and is never taken."""

    def __init__(self, fetch: Fetch, max_concurrency: int) -> None:
        self._fetch = fetch
        self._max_concurrency = max_concurrency
        self._window = self._most = READ_AHEAD * max_concurrency
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Begin with no page and threads of its own: a child that walks on fetches for itself what it wants."""
        self._threads = ThreadPoolExecutor(self._max_concurrency, thread_name_prefix="orgauth-page")
        self._guesses: Iterator[PageRequest] = iter(())
        self._ahead: deque[tuple[PageRequest, Future[PageAnswer]]] = deque()

    def __enter__(self) -> _ReadAhead:
        return self

    def __exit__(self, *_: object) -> None:
        # A caller that stops early must not wait for pages that it is not going to read.
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def guesses_wanted(self) -> bool:
        """Whether the guesses have run out."""
        return not self._ahead

    def guess(self, requests: Iterator[PageRequest]) -> None:
        """Fetch these early, as far as the window lets."""
        self._guesses = requests
        self._fill()

    def get(self, request: PageRequest) -> PageAnswer:
        """Return the answer to ``request``, which was fetched early or is fetched now."""
        if self._ahead and self._ahead[0][0] == request:
            future = self._ahead.popleft()[1]
        else:
            self._drop()
            future = self._threads.submit(self._fetch, request)
        answer = future.result()
        self._window = max(1, min(self._most, HELD // max(1, answer.size)))
        self._fill()
        return answer

    def _fill(self) -> None:
        while len(self._ahead) < self._window:
            request = next(self._guesses, None)
            if request is None:
                return
            self._ahead.append((request, self._threads.submit(self._fetch, request)))

    def _drop(self) -> None:
        self._guesses = iter(())
        while self._ahead:
            self._ahead.pop()[1].cancel()
