"""A limit of requests per minute, for all tasks of a host together."""

from __future__ import annotations

import hashlib
import json
import logging

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.observer import Observer
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.schedule import Gcra, HostSchedule, MemorySchedule

log = logging.getLogger(__name__)

_alone: dict[str, MemorySchedule] = {}


class RateLimit:
    """Admission control that gives each request a time of its own, and waits for that.

    The times are in a file that all processes of the host share. Where there can be none, each process keeps the limit
    on its own, and says so once.

    :param per_minute: requests.
    :param key: what is limited: the same for all that share the limit.
    :param retry: its clock, and its way of waiting and of being stopped.
    :param observer: told of each wait.
    """

    def __init__(self, per_minute: float, key: str, retry: RetryPolicy, *, observer: Observer | None = None) -> None:
        self._gcra = Gcra.of(per_minute)
        # A process that still has the connection's former limit keeps to that, with a file of its own.
        self._name = hashlib.sha256(json.dumps([key, per_minute]).encode()).hexdigest()[:32]
        self._retry = retry
        self._observer = observer

    def enter(self) -> int | None:
        """Wait until a request may be sent; None: stopped meanwhile."""
        wait = self.reserve()
        if wait > 0:
            self.tell(wait)
            self._retry.pause(wait)
            if self._retry.cancelled.is_set():
                return None
        return 0

    def leave(self, _entered: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Count what was sent besides: a replay after a 401."""
        for _ in range(outcome.requests - 1):
            self.reserve()
        return RetryVerdict.AS_USUAL

    def tell(self, seconds: float) -> None:
        """Tell the observer, if there is one, of a wait."""
        if self._observer is not None:
            self._observer.waiting("rate_limit", seconds)

    def reserve(self) -> float:
        """Return the seconds to wait before the next request may be sent."""
        now = self._retry.timer()
        try:
            return HostSchedule(self._name).reserve(self._gcra, now)
        except (OSError, NotImplementedError) as error:
            new = MemorySchedule()
            alone = _alone.setdefault(self._name, new)
            if alone is new:
                log.warning(
                    "The rate limit holds for this process only: no file can be shared with others here (%s).",
                    type(error).__name__,
                )
            return alone.reserve(self._gcra, now)
