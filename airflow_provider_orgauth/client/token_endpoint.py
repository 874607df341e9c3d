"""Send a token request and read the answer: never followed elsewhere, never more than 64 KiB, never logged."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import requests

from airflow_provider_orgauth.client import clock_check, errors_from_requests, log_redaction
from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.observer import Observer, TokenRequestEnd, Wait
from airflow_provider_orgauth.client.read_deadline import ReadDeadline
from airflow_provider_orgauth.client.response_body import first_of
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.retryable import may_resend
from airflow_provider_orgauth.client.server_clock import ServerClock
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.client.signing import signed, time_of_refusal
from airflow_provider_orgauth.client.transport import BoundedAdapter
from airflow_provider_orgauth.oauth.answers import MAX_TOKEN_ANSWER_BYTES, HttpAnswer, Reason, Refusal, read_answer
from airflow_provider_orgauth.oauth.grants import TokenRequest
from airflow_provider_orgauth.oauth.steps import Lost, Send
from airflow_provider_orgauth.oauth.token import Token

Attempt = Token | Refusal | Lost
AnyAttempt = TypeVar("AnyAttempt", bound=Attempt | None)
Announce = Callable[[str, float, int], None]
"""Told before a wait: what went wrong, the seconds to wait, and which attempt it was."""


class TokenEndpoint:
    """The token endpoint of a server.

    :param announce: called before each wait, for the task's log.
    :param adapter: the connections to use, which then stay open for others; None: one for each request.
    :param observe: called with each answer, before it is judged.
    :param clock: the server's time, which each token corrects; None: one of this object's own.
    :param observer: told of each request and its outcome.
    """

    def __init__(
        self,
        http: HttpSettings,
        retry: RetryPolicy,
        announce: Announce = lambda *_: None,
        *,
        adapter: BoundedAdapter | None = None,
        clock: ServerClock | None = None,
        observe: Callable[[HttpAnswer], object] = lambda _: None,
        observer: Observer | None = None,
    ) -> None:
        self._http = http
        self._retry = retry
        self._announce = announce
        self._adapter = adapter
        self._observe = observe
        self._observer = observer
        self.clock = clock or ServerClock(retry.clock)

    @property
    def longest_exchange(self) -> float:
        """Seconds that an attempt takes at most: to connect, until the first byte, for the body."""
        return 3 * self._http.timeout

    def send(self, step: Send, *, meanwhile: Callable[[], Token | None] = lambda: None) -> Token | Refusal | Lost:
        """Send a grant, again where that is safe and may help; return what came of it. A network error raises nothing.

        :param meanwhile: called after each wait; a token that another process has shared by then ends the attempts.
        """
        has_waited = False

        def attempt() -> Attempt:
            nonlocal has_waited
            found = meanwhile() if has_waited else None
            has_waited = True
            return found or self.attempt(step)

        return self.insist(attempt, repeatable=step.repeatable)

    def insist(self, attempt: Callable[[], AnyAttempt], *, repeatable: bool = True) -> AnyAttempt:
        """Make an attempt, again where that is safe and may help; return what came of the last one.

        :param repeatable: False: again only if the server surely did not act on it.
        """
        return self._retry.run(
            attempt,
            may_retry=lambda outcome: self._may_repeat(outcome, repeatable=repeatable),
            headers_of=lambda outcome: outcome.headers if isinstance(outcome, Refusal) else {},
            before_wait=self._tell,
        )

    def _tell(self, outcome: Attempt | None, seconds: float, attempt: int) -> None:
        self._announce(_describe(outcome), seconds, attempt)
        if self._observer is not None:
            status, is_asked = None, False
            if isinstance(outcome, Refusal):
                status, is_asked = outcome.status, self._retry.asked(outcome.headers) is not None
            wait: Wait = "retry_after" if is_asked else "backoff"
            self._observer.retrying("token", status=status, wait=wait, seconds=seconds)

    def _may_repeat(self, outcome: Attempt | None, *, repeatable: bool) -> bool:
        # A client_credentials grant may be sent any number of times; a refresh only if the server surely missed it.
        method = "GET" if repeatable else "POST"
        if isinstance(outcome, Lost):
            return outcome.cause != "store" and may_resend(method, {}, outcome)
        # Whatever statuses the connection adds: credentials that were refused are not tried again.
        return (
            isinstance(outcome, Refusal)
            and outcome.reason is Reason.UNAVAILABLE
            and may_resend(
                method,
                {},
                outcome.status,
                is_rate_limit=self._retry.is_rate_limit(outcome.status, outcome.headers),
                further=self._retry.further_statuses,
            )
        )

    def attempt(self, step: Send) -> Attempt:
        """Send the grant once; a second time where it was signed at a time that is not the server's.

        :raises ConfigurationError: it cannot be signed.
        """
        log_redaction.install()
        began = self.clock.reading()
        request = signed(step.request, now=self.clock.now())
        outcome = self._send(request)
        if request.is_signed and step.repeatable:
            now = time_of_refusal(outcome, self.clock, took=self.clock.since(began))
            if now is not None:
                return self._send(signed(step.request, now=now))
        return outcome

    def _send(self, request: TokenRequest) -> Attempt:
        began = self.clock.reading()
        adapter = self._adapter or BoundedAdapter(pool_maxsize=1)
        session = _Session(adapter)  # a new one each time: no cookie should outlive a token request
        kept = contextlib.nullcontext() if self._adapter else contextlib.closing(session)
        with kept, log_redaction.hiding(request.secrets):
            try:
                answer = self._exchange(session, request)
            except errors_from_requests.NETWORK_ERRORS as error:
                outcome: Attempt = errors_from_requests.lost_answer(error, timeout=self._http.timeout)
            else:
                outcome = self._read(answer, request, took=self.clock.since(began))
        if self._observer is not None:
            self._observer.token_requested(_end(request, outcome, seconds=self.clock.since(began)))
        return outcome

    def _read(self, answer: HttpAnswer, request: TokenRequest, *, took: float) -> Token | Refusal:
        self._observe(answer)
        outcome = read_answer(answer, sent_at=self.clock.now() - took, secrets=request.secrets)
        date = http_date(answer.headers.get("date", ""))
        if date is not None:
            clock_check.check_clock(request.server, self.clock.correction(date, took=took))
            if isinstance(outcome, Token):
                # Not from an error, which may be a gateway's: only the clock of the server that issues tokens counts.
                self.clock.learn(date, took=took)
                outcome = replace(outcome, issued_at=self.clock.now() - took)
        return self._limited(outcome)

    def _limited(self, outcome: Token | Refusal) -> Token | Refusal:
        """Take a 403 for a rate limit where it says that it is one: the credentials may well be right."""
        if isinstance(outcome, Refusal) and self._retry.is_rate_limit(outcome.status, outcome.headers):
            return replace(outcome, reason=Reason.UNAVAILABLE)
        return outcome

    def _exchange(self, session: requests.Session, request: TokenRequest) -> HttpAnswer:
        with session.post(
            request.url,
            # No compression: 64 KiB on the wire shall be 64 KiB in memory.
            headers={"Accept-Encoding": "identity", **request.headers},
            data=request.body or None,
            # A do-nothing auth keeps requests from replacing our header by a .netrc entry for the host.
            auth=lambda prepared: prepared,
            timeout=self._http.timeout,
            verify=self._http.verify,
            cert=self._http.client_cert,
            allow_redirects=False,
            stream=True,
        ) as response:
            return HttpAnswer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=first_of(response, MAX_TOKEN_ANSWER_BYTES + 1, deadline=ReadDeadline(self._http.timeout)),
            )


class _Session(requests.Session):
    """Sees no redirect: requests reads a redirect's body to its end, and stumbles over where it leads."""

    def __init__(self, adapter: BoundedAdapter) -> None:
        super().__init__()
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: the token endpoint is followed nowhere."""


def _end(request: TokenRequest, outcome: Attempt, *, seconds: float) -> TokenRequestEnd:
    url = request.url.partition("?")[0]
    match outcome:
        case Token():
            return TokenRequestEnd(
                url,
                request.grant_type,
                "granted",
                seconds,
                status=200,
                issued_at=outcome.issued_at,
                lifetime=outcome.lifetime,
                has_refresh_token=outcome.refresh_token is not None,
            )
        case Refusal(reason=reason, status=status):
            return TokenRequestEnd(url, request.grant_type, reason.value, seconds, status)
        case Lost():
            return TokenRequestEnd(url, request.grant_type, "lost", seconds)


def _describe(outcome: Attempt | None) -> str:
    what = f"status {outcome.status}" if isinstance(outcome, Refusal) else "a token"
    return f"token endpoint: {outcome.message if isinstance(outcome, Lost) else what}"
