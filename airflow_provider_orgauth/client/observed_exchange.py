"""Tells an observer of one exchange: the same for threads and for an event loop."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import requests

from airflow_provider_orgauth.client.admission_control import RetryVerdict
from airflow_provider_orgauth.client.exchange import Answer, AttemptResult, Unanswered
from airflow_provider_orgauth.client.observer import Observer, Wait
from airflow_provider_orgauth.client.retry_policy import Pause, RetryPolicy


class ObservedExchange:
    """What a driver tells of the steps that it takes.

    :param retry: knows for how long an answer asks to wait.
    """

    def __init__(self, observer: Observer, retry: RetryPolicy) -> None:
        self._observer = observer
        self._retry = retry
        self._resends = -1

    def transmission(self, request: requests.PreparedRequest) -> Transmission:
        """Return what is entered around sending the request once."""
        self._resends += 1
        return Transmission(self._observer, request, self._resends)

    def replaying(self) -> None:
        """Tell of a replay after a 401."""
        self._observer.replaying()

    def pausing(self, pause: Pause[AttemptResult[requests.Response]]) -> None:
        """Tell that the request is sent again after a pause."""
        tried = pause.outcome
        status, is_asked = None, False
        if isinstance(tried.result, Answer):
            status, is_asked = tried.result.status, self._retry.asked(tried.result.headers) is not None
        wait: Wait | None = "retry_after" if is_asked else "backoff"
        if tried.verdict is not RetryVerdict.AS_USUAL:
            wait = None
        self._observer.retrying("api", status=status, wait=wait, seconds=pause.seconds)


class Transmission:
    """A request that is sent once, from before it goes out until the head of its answer is there."""

    __slots__ = ("_began", "_observer", "_request", "_resends", "result")

    def __init__(self, observer: Observer, request: requests.PreparedRequest, resends: int) -> None:
        self._observer = observer
        self._request = request
        self._resends = resends
        self.result: Answer[requests.Response] | Unanswered | None = None
        """What came of it, to be set by who sends it."""

    def __enter__(self) -> Transmission:
        request = self._request
        self._began: Any = self._observer.sending(
            request.method or "GET", request.url or "", request.headers, resends=self._resends
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        status = None
        if isinstance(self.result, Answer):
            status = self.result.status
        elif self.result is not None:
            kind = self.result.kind
        self._observer.sent(self._began, self._request.headers, status=status, error=kind)
