"""When a request is sent again, and after how long.

:meth:`RetryPolicy.attempts` is the rule, the same for every driver; tenacity gives the wait that a stop ends early.
Times are seconds.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

import tenacity

from airflow_provider_orgauth.client import asked_wait
from airflow_provider_orgauth.client.admission_control import RetryVerdict

T = TypeVar("T")

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
"""Seconds: the cap of a wait before one attempt. A server may ask for that much for each attempt that is left, and all
of it at once. One that asks for more is not asked again: its error says until when, and the next task retry may come
after that."""


@dataclass(frozen=True, slots=True)
class MakeAttempt:
    """Send the request once; send back what came of it."""


MAKE_ATTEMPT = MakeAttempt()


@dataclass(frozen=True, slots=True)
class Pause(Generic[T]):
    """Let ``seconds`` pass, or less if the task is being stopped; send back nothing.

    :param outcome: of the attempt before, with which the rule ends if it is stopped meanwhile.
    :param attempt: how many attempts have counted, that one included.
    """

    seconds: float
    outcome: T
    attempt: int


Attempts = Generator[MakeAttempt | Pause[T], T | None, T]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts with full-jitter exponential backoff, lengthened by what the server asks for.

    :param further_statuses: that are repeated besides those of the table in :mod:`~.retryable`.
    :param clock: epoch seconds.
    :param timer: seconds that only ever grow, for measuring how long something took.
    :param sleep: waits that many seconds; None waits so that ``cancelled`` ends it early.
    :param cancelled: set it, from any thread, to end waiting and trying.
    :param uniform: a random number between two, as :func:`random.uniform`.
    """

    max_attempts: int
    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None
    uniform: Callable[[float, float], float] = field(default=random.uniform, repr=False)
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)
    further_statuses: frozenset[int] = frozenset()

    def wait(self, attempt: int, headers: Mapping[str, str], *, longest: float = LONGEST_WAIT_SECONDS) -> float:
        """Return the seconds to wait after an attempt; the first is number 1.

        Full jitter: anywhere between nothing and the backoff, so that a fleet that failed together does not come
        back together. What the server asks for is a floor, and jitter comes on top of it for the same reason.

        :param longest: seconds, for what the server asks for.
        """
        backoff = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(attempt - 1, 30))
        asked = self.asked(headers)
        if asked is None:
            return self.uniform(0, backoff)
        return min(longest, asked + self.uniform(0, min(backoff, 1.0)))

    def asked(self, headers: Mapping[str, str]) -> float | None:
        """Return the seconds that the server asks to wait, however many; None where it asks for nothing."""
        return asked_wait.asked_wait(headers, now=self.clock())

    def asks_too_much(self, headers: Mapping[str, str], *, longest: float = LONGEST_WAIT_SECONDS) -> bool:
        """Tell whether the server asks for a longer wait than a task is held for."""
        asked = self.asked(headers)
        return asked is not None and asked > longest

    def is_rate_limit(self, status: int, headers: Mapping[str, str]) -> bool:
        """Tell whether an answer says that too much was asked; see :func:`~.asked_wait.is_rate_limit`."""
        return asked_wait.is_rate_limit(status, headers, now=self.clock())

    def pause(self, seconds: float) -> None:
        """Let that many seconds pass; cancelling ends it early."""
        (self.sleep or tenacity.sleep_using_event(self.cancelled))(seconds)

    def let_pass(self, seconds: float) -> None:
        """Let the time of a :class:`Pause` pass; where admission control waits, there is none."""
        if seconds > 0:
            self.pause(seconds)

    def attempts(
        self,
        *,
        may_retry: Callable[[T], bool],
        headers_of: Callable[[T], Mapping[str, str]],
        verdict_of: Callable[[T], RetryVerdict] = lambda _: RetryVerdict.AS_USUAL,
    ) -> Attempts[T]:
        """Say when to make an attempt and how long to pause, until an outcome is final.

        A rule without sleep or sockets: its driver sends back the outcome of each :class:`MakeAttempt`, and lets the
        time of each :class:`Pause` pass. It returns the last outcome. Nothing is tried again where the server asks for
        more than :data:`LONGEST_WAIT_SECONDS` for each attempt that is left, or once the task is being stopped.

        :param may_retry: whether an outcome may be tried again, and whether that may help.
        :param headers_of: of an outcome's answer; empty where none came.
        :param verdict_of: whether it is for admission control to wait, and whether the attempt counts.
        """
        counted = 0
        while True:
            outcome = cast("T", (yield MAKE_ATTEMPT))
            verdict = verdict_of(outcome)
            counted += verdict is not RetryVerdict.UNCOUNTED
            # Nearly every request is done with its first attempt: this is the first thing to be asked.
            if (
                verdict is RetryVerdict.NO_MORE
                or not may_retry(outcome)
                or counted >= self.max_attempts
                or self.cancelled.is_set()
            ):
                return outcome
            seconds = 0.0
            if verdict is RetryVerdict.AS_USUAL:
                headers, longest = headers_of(outcome), LONGEST_WAIT_SECONDS * (self.max_attempts - counted)
                if self.asks_too_much(headers, longest=longest):
                    return outcome
                seconds = self.wait(counted, headers, longest=longest)
            yield Pause(seconds, outcome, counted)
            if self.cancelled.is_set():  # what came of the last attempt stands, and nothing more is sent
                return outcome

    def run(
        self,
        send: Callable[[], T],
        *,
        may_retry: Callable[[T], bool],
        headers_of: Callable[[T], Mapping[str, str]],
        before_wait: Callable[[T, float, int], None],
        verdict_of: Callable[[T], RetryVerdict] = lambda _: RetryVerdict.AS_USUAL,
    ) -> T:
        """Drive :meth:`attempts` in this thread: call ``send`` for each, and return the last outcome.

        :param before_wait: called with the outcome, the seconds until the next attempt, and this one's number, from 1.
        """
        rule = self.attempts(may_retry=may_retry, headers_of=headers_of, verdict_of=verdict_of)
        outcome: T | None = None
        while True:
            try:
                step = rule.send(outcome)
            except StopIteration as done:
                last: T = done.value
                return last
            if isinstance(step, MakeAttempt):
                outcome = send()
            else:
                before_wait(step.outcome, step.seconds, step.attempt)
                self.let_pass(step.seconds)
                outcome = None
