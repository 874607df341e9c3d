"""When the requests of one walk may go, and how many at once: what a busy server's answer to one means for all.

No lock and no waiting in here: :mod:`airflow_provider_orgauth.client.throttle` does that.
"""

from __future__ import annotations

import logging

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.concurrency import ConcurrencyLimit
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.retryable import BUSY_STATUSES

log = logging.getLogger(__name__)

RATE_LIMIT_PATIENCE_SECONDS = 300.0
"""Seconds for which a list is asked for while the server answers nothing but 429, and the longest pause in between. The
documented limit is one request per minute."""


class SharedBackoff:
    """The state of one walk. Requests are numbered as they are let in.

    :param most: requests that may be under way at once.
    :param retry: how long to wait, and its clocks.
    """

    def __init__(self, most: int, retry: RetryPolicy) -> None:
        self._most = most
        self._retry = retry
        self._limit = ConcurrencyLimit(most)
        self._under_way = 0
        self._newest = 0
        self._newest_when_refused = 0
        self._newest_when_reduced = 0
        self._refusals = 0
        self._resume_at = 0.0
        self._failures = 0
        """Failures since the last success, rate limits left out. Requests that were under way together count once."""
        self._busy_since: float | None = None
        self._given_up = False
        """Whether no request is sent again any more: each keeps the next answer that it gets."""

    @property
    def has_room(self) -> bool:
        """Whether one more may be under way."""
        return self._given_up or self._under_way < self._limit.now

    def pause(self) -> float:
        """Return the seconds for which nothing may be sent."""
        return 0.0 if self._given_up else max(0.0, self._resume_at - self._retry.timer())

    def let_in(self) -> int:
        """Count a request, and return its number."""
        self._under_way += 1
        self._newest += 1
        return self._newest

    def is_outdated(self, number: int) -> bool:
        """Return whether the server refused something after this one was let in."""
        return number <= self._newest_when_refused

    def turn_away(self) -> None:
        """Take back a request that was let in and then not sent."""
        self._under_way -= 1

    def forget_under_way(self) -> None:
        """Forget the requests under way: a forked child gets no answer to its parent's."""
        self._under_way = 0

    def settle(self, number: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Count what came of a request that was let in."""
        self._under_way -= 1
        status = outcome.status
        if status is not None and status < 400:
            self._succeeded(number, outcome.seconds)
            return RetryVerdict.AS_USUAL
        is_limit = status is not None and self._retry.is_rate_limit(status, outcome.headers)
        if is_limit or outcome.timed_out or status in BUSY_STATUSES or status in self._retry.further_statuses:
            return self._refused(number, outcome, is_limit=is_limit)
        return RetryVerdict.AS_USUAL

    def _refused(self, number: int, outcome: AttemptOutcome, *, is_limit: bool) -> RetryVerdict:
        now = self._retry.timer()
        if self._busy_since is None:
            self._busy_since = now
        too_long = self._retry.asks_too_much(outcome.headers, longest=RATE_LIMIT_PATIENCE_SECONDS)
        if too_long:
            pass  # and the walk ends with that
        elif self.is_outdated(number):  # it was under way when another one was refused: that counts once
            self._resume_at = max(self._resume_at, now + (self._retry.asked(outcome.headers) or 0.0))
        else:
            self._newest_when_refused = self._newest_when_reduced = self._newest
            self._refusals += 1
            self._failures += not is_limit
            self._limit.refused()
            wait = self._retry.wait(self._refusals, outcome.headers, longest=RATE_LIMIT_PATIENCE_SECONDS)
            self._resume_at = max(self._resume_at, now + wait)
            # Where no request gets an answer, they share the attempts of one: else a server that hangs would hold each
            # page for as long, one after the other.
            self._given_up = self._given_up or self._failures >= self._retry.max_attempts
            if not self._given_up:
                self._say_pause(outcome, self._resume_at - now)
        if is_limit:
            self._given_up = now - self._busy_since >= RATE_LIMIT_PATIENCE_SECONDS
        self._given_up = self._given_up or too_long
        if self._given_up:
            return RetryVerdict.NO_MORE
        return RetryVerdict.UNCOUNTED if is_limit else RetryVerdict.WAIT_FOR_ADMISSION

    def _succeeded(self, number: int, seconds: float | None) -> None:
        self._busy_since, self._given_up, self._failures = None, False, 0
        if not self.is_outdated(number):
            self._refusals = max(0, self._refusals - 1)
            self._limit.succeeded()
        if seconds is None or number <= self._newest_when_reduced:
            return
        slow = self._limit.took(seconds)
        if slow is not None:
            self._newest_when_reduced = self._newest
            log.info(
                "The server has become slow: it answers in %.2g s, at best it was %.2g s; fetching with %d at once.",
                *slow,
                self._limit.now,
            )

    def _say_pause(self, outcome: AttemptOutcome, seconds: float) -> None:
        if self._retry.cancelled.is_set():
            return  # the walk is over: no request waits any more
        asked = self._retry.asked(outcome.headers) is not None
        log.warning(
            "%s of %.1f s (%s)%s.",
            "The server asks for a pause" if asked else "The server is busy: a pause",
            seconds,
            "no answer in time" if outcome.status is None else outcome.status,
            "" if self._most == 1 else f"; fetching with {self._limit.now} at once from now on",
        )
