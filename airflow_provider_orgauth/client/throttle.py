"""The threads that fetch the pages of one walk back off together when the server is busy, and speed up again."""

from __future__ import annotations

import threading

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.observer import Observer
from airflow_provider_orgauth.client.rate_limit import RateLimit
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.throttle_rule import (
    LOOK_INTERVAL_SECONDS,
    AwaitChange,
    LetPass,
    ThrottleRule,
    ThrottleStep,
)


class Throttle:
    """Admission control for the requests of one walk, which threads send.

    A busy server (429, 502, 503, 504, or no answer in time) halves how many may be under way, and none is sent before
    ``Retry-After`` has passed, or else a backoff that grows with each further refusal. That happens once for all
    requests that were under way together. A 429 does not count as an attempt while pages keep coming: only after
    :data:`shared_backoff.RATE_LIMIT_PATIENCE_SECONDS` without one is it the request's outcome.

    :param most: requests that may be under way at once.
    :param retry: its waits, its clocks, and its way to be stopped.
    :param rate: a rate limit that holds besides.
    """

    def __init__(
        self, most: int, retry: RetryPolicy, rate: RateLimit | None = None, *, observer: Observer | None = None
    ) -> None:
        self._retry = retry
        self._rate = rate
        self._observer = observer
        self._rule = ThrottleRule(most, retry, has_rate=rate is not None)
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep what the server said, and forget the requests under way: a forked child gets no answer to them."""
        self._rule.forget_under_way()
        self._changed = threading.Condition()

    def enter(self) -> int | None:
        """Wait until a request may be sent; None: stopped meanwhile."""
        rule = self._rule.enter()
        step: ThrottleStep = AwaitChange()
        outcome: bool | None = None
        try:
            while True:
                with self._changed:
                    # A wait changes nothing: without this check, waiting threads would wake each other for ever.
                    if not isinstance(step, AwaitChange):
                        self._changed.notify_all()
                    try:
                        step = rule.send(outcome)
                    except StopIteration as done:
                        number: int | None = done.value
                        return number
                    if isinstance(step, AwaitChange):
                        self._changed.wait(LOOK_INTERVAL_SECONDS)
                outcome = self._take(step)
        except BaseException:
            with self._changed:
                rule.close()
                self._changed.notify_all()
            raise

    def leave(self, entered: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Report how the request went that :meth:`enter` let pass."""
        if self._rate is not None:
            self._rate.leave(entered, outcome)
        with self._changed:
            verdict = self._rule.leave(entered, outcome)
            self._changed.notify_all()
        return verdict

    def _take(self, step: ThrottleStep) -> bool | None:
        if isinstance(step, AwaitChange):
            return None
        if isinstance(step, LetPass):
            if self._observer is not None:
                self._observer.waiting("throttle", step.seconds)
            self._retry.pause(step.seconds)
            return None
        return self._rate is not None and self._rate.enter() is not None
