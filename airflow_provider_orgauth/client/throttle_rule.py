"""When a request of a walk may be sent: one rule, for threads and for an event loop.

Threads take its steps in :mod:`~.throttle`, and an event loop in :mod:`~.aio.admission_control`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.shared_backoff import SharedBackoff

LOOK_INTERVAL_SECONDS = 0.5
"""Seconds after which a waiting request looks whether the task is being stopped."""


@dataclass(frozen=True, slots=True)
class AwaitChange:
    """Wait until another request was let in or came back, at most :data:`LOOK_INTERVAL_SECONDS`; send back nothing."""


@dataclass(frozen=True, slots=True)
class LetPass:
    """Let these seconds pass, or less if the task is being stopped; send back nothing. One request waits for all."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitRate:
    """Wait until the rate limit lets one through; send back whether it did, and the task is not being stopped."""


ThrottleStep = AwaitChange | LetPass | AwaitRate
Entering = Generator[ThrottleStep, bool | None, int | None]


class ThrottleRule:
    """Decides when each request of one walk may be sent, and learns from how it went.

    It is not thread-safe: a driver in threads resumes it under a lock, and wakes all that wait after each step.

    :param most: requests that may be under way at once.
    :param retry: its waits and clocks, and whether the task is being stopped.
    :param has_rate: whether a rate limit holds besides.
    """

    def __init__(self, most: int, retry: RetryPolicy, *, has_rate: bool) -> None:
        self._retry = retry
        self._has_rate = has_rate
        self._backoff = SharedBackoff(most, retry)
        self._is_pause_awaited = False

    def forget_under_way(self) -> None:
        """Forget the requests under way and those that wait: a forked child has none of its parent's."""
        self._backoff.forget_under_way()
        self._is_pause_awaited = False

    def enter(self) -> Entering:
        """Say what to wait for; return the number of the request that may be sent now, or None: stopped meanwhile."""
        while True:
            number = yield from self._let_in()
            if number is None or not self._has_rate:
                return number
            in_time = False
            try:
                in_time = bool((yield AwaitRate()))
            finally:
                is_in_vain = not in_time or self._backoff.is_outdated(number)
                if is_in_vain:
                    self._backoff.turn_away()
            if not is_in_vain:
                return number
            if not in_time:
                return None

    def leave(self, number: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Learn how the request went that was let in with this number."""
        return self._backoff.settle(number, outcome)

    def _let_in(self) -> Entering:
        while True:
            # Looked at for each request, also where all goes well: nothing else would end such a walk.
            if self._retry.cancelled.is_set():
                return None
            pause = self._backoff.pause()
            if not pause and self._backoff.has_room:
                return self._backoff.let_in()
            if not pause or self._is_pause_awaited:
                yield AwaitChange()
                continue
            self._is_pause_awaited = True
            try:
                yield LetPass(pause)
            finally:
                self._is_pause_awaited = False
