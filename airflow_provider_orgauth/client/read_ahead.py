"""Which pages of a list are fetched before they are asked for: the rule that threads and tasks share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from airflow_provider_orgauth.paging.request import PageRequest

PAGES_AHEAD = 2
"""Pages that may be under way or waiting to be taken, for each one that may be fetched at a time: while one that comes
late holds up the others, there is still something to fetch."""

BYTES_AHEAD = 64 * 1024 * 1024
"""Bytes of pages that may wait to be taken, judged by the last one: where pages are huge, fewer are fetched ahead."""

H = TypeVar("H")


class ReadAhead(Generic[H]):
    """Guesses the requests that follow, and starts them early. A wrong guess costs a request; its answer is never used.

    It never waits: ``H`` is what a driver waits on, a future or a task.

    :param max_concurrency: how many may be fetched at a time; what is started beyond that waits its turn.
    :param start: begins to fetch a page.
    :param cancel: gives up a page that was started.
    """

    def __init__(
        self, max_concurrency: int, *, start: Callable[[PageRequest], H], cancel: Callable[[H], object]
    ) -> None:
        self._start = start
        self._cancel = cancel
        self._window = self._most = PAGES_AHEAD * max_concurrency
        self._guesses: Iterator[PageRequest] = iter(())
        self._ahead: deque[tuple[PageRequest, H]] = deque()

    @property
    def wants_guesses(self) -> bool:
        """Whether the guesses have run out."""
        return not self._ahead

    def guess(self, requests: Iterator[PageRequest]) -> None:
        """Fetch these early, as far as the window lets."""
        self._guesses = requests
        self._fill()

    def take(self, request: PageRequest) -> H:
        """Return what to wait on for ``request``, which was started early or is started now.

        Where it is another one than was guessed, all guesses were wrong: they are given up.
        """
        if self._ahead and self._ahead[0][0] == request:
            return self._ahead.popleft()[1]
        self.drop()
        return self._start(request)

    def received(self, size: int) -> None:
        """Fetch more: the page that was taken has come, with so many bytes."""
        self._window = max(1, min(self._most, BYTES_AHEAD // max(1, size)))
        self._fill()

    def drop(self) -> None:
        """Give up all that was started early and not taken."""
        self._guesses = iter(())
        while self._ahead:
            self._cancel(self._ahead.pop()[1])

    def _fill(self) -> None:
        while len(self._ahead) < self._window:
            request = next(self._guesses, None)
            if request is None:
                return
            self._ahead.append((request, self._start(request)))
