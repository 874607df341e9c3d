"""When a request of a walk may be sent: the rule, whoever waits.

Threads take its steps in :mod:`~.throttle`, and an event loop in :mod:`~.aio.admission_control`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.retry import RetryPolicy
from airflow_provider_orgauth.client.shared_backoff import SharedBackoff

LOOK_INTERVAL_SECONDS = 0.5
"""After which whoever waits for its turn looks whether the task is being stopped."""


@dataclass(frozen=True, slots=True)
class AwaitChange:
    """Wait until another request was let in or came back, at most :data:`LOOK_INTERVAL_SECONDS`; send back nothing."""


@dataclass(frozen=True, slots=True)
class LetPass:
    """Let these seconds pass, or less if the task is being stopped; send back nothing. One does that for all."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitRate:
    """Wait until the rate limit lets one through; send back whether it did, and the task is not being stopped."""


ThrottleStep = AwaitChange | LetPass | AwaitRate
Entering = Generator[ThrottleStep, bool | None, int | None]


class ThrottleRule:
    """Who may send a request of one walk, and what is learned from how it went.

    Not for two threads at once: a driver in threads resumes it under a lock, and tells all who wait whenever it did.

    :param most: requests that may be under way at once.
    :param retry: its waits and clocks, and whether the task is being stopped.
    :param has_rate: whether a rate limit holds besides.
    """

    def __init__(self, most: int, retry: RetryPolicy, *, has_rate: bool) -> None:
        self._retry = retry
        self._has_rate = has_rate
        self._backoff = SharedBackoff(most, retry)
        self._somebody_lets_time_pass = False

    def forget_under_way(self) -> None:
        """Forget the requests under way, and who waits: a forked child has none of its parent's."""
        self._backoff.forget_under_way()
        self._somebody_lets_time_pass = False

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
            # First of all: a walk whose pages all come has nothing else that would end it.
            if self._retry.cancelled.is_set():
                return None
            pause = self._backoff.pause()
            if not pause and self._backoff.has_room:
                return self._backoff.let_in()
            if not pause or self._somebody_lets_time_pass:
                yield AwaitChange()
                continue
            self._somebody_lets_time_pass = True
            try:
                yield LetPass(pause)
            finally:
                self._somebody_lets_time_pass = False
