"""Drives an exchange over aiohttp, in a task of an event loop."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

import aiohttp
import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.hooks import dispatch_hook

from airflow_provider_orgauth.client import response_body
from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.aio import errors_from_aiohttp, transport
from airflow_provider_orgauth.client.aio.admission_control import AsyncAdmissionControl, Turn
from airflow_provider_orgauth.client.aio.cancellation import LoopCancelEvent
from airflow_provider_orgauth.client.aio.request_body import AsyncBody
from airflow_provider_orgauth.client.aio.tokens import AsyncTokens
from airflow_provider_orgauth.client.aio.transport import LoopConnections, Timeout
from airflow_provider_orgauth.client.auth import answer_of
from airflow_provider_orgauth.client.body_rewind import rewind
from airflow_provider_orgauth.client.exchange import (
    Admit,
    Answer,
    AttemptResult,
    MayReplay,
    ObtainToken,
    Receive,
    Rule,
    Settle,
    Skim,
    Step,
    Transmit,
    Unanswered,
)
from airflow_provider_orgauth.client.exchange_end import announce
from airflow_provider_orgauth.client.observed_exchange import ObservedExchange
from airflow_provider_orgauth.client.response_content import keep
from airflow_provider_orgauth.client.retry_policy import Pause
from airflow_provider_orgauth.client.token_endpoint import Announce

T = TypeVar("T")


class Sender(Protocol):
    """What the steps are taken with: a session's."""

    connections: LoopConnections
    tokens: AsyncTokens
    admission: AsyncAdmissionControl | None
    stop: LoopCancelEvent
    announce: Announce

    def observed_exchange(self) -> ObservedExchange | None:
        """Return what an observer, if there is one, is told of an exchange by."""

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies of the session for threads, which are those of all."""


class AsyncExchangeDriver:
    """Takes the steps of an exchange in the task that calls it; its cancellation ends them at once.

    :param environment: ``verify``, ``cert`` and ``proxies``, as requests found them.
    """

    def __init__(
        self,
        sender: Sender,
        request: requests.PreparedRequest,
        turn: Turn,
        *,
        timeout: Timeout,
        environment: dict[str, Any],
    ) -> None:
        self._sender = sender
        self._request = request
        self._turn = turn
        self._body: AsyncBody | None = None
        self._timeout = timeout
        self._environment = environment
        self._open: aiohttp.ClientResponse | None = None
        self._entered: int | None = None
        self._observed = sender.observed_exchange()

    async def drive(self, rule: Rule[requests.Response, T]) -> T:
        """Return what the rule returns; whatever ends it, connection, slot and admission control are free again."""
        outcome: Any = None
        try:
            while True:
                try:
                    step = rule.send(outcome)
                except StopIteration as done:
                    result: T = done.value
                    return result
                outcome = await self._take(step)
        finally:
            rule.close()
            self._let_go()

    def _take(self, step: Step[requests.Response]) -> Awaitable[Any]:
        match step:
            case Transmit(access_token):
                return self._transmit(access_token)
            case Receive(answer):
                return self._receive(answer)
            case ObtainToken():
                return self._sender.tokens.obtain(step)
            case Admit():
                return self._admit()
            case Settle(outcome):
                return self._settle(outcome)
            case Skim(answer):
                if self._observed is not None:
                    self._observed.replaying()
                return self._skim(answer)
            case MayReplay():
                return self._sender.tokens.may_replay(step)
            case Pause():
                return self._pause(step)

    async def _transmit(self, access_token: str) -> Answer[requests.Response] | Unanswered:
        if self._observed is None:
            return await self._send(access_token)
        with self._observed.transmission(self._request) as transmission:
            transmission.result = result = await self._send(access_token)
        return result

    async def _send(self, access_token: str) -> Answer[requests.Response] | Unanswered:
        if self._body is not None:
            await self._body.let_go()
        rewind(self._request)
        self._body = AsyncBody(self._request.body, self._request.headers.get("Content-Length"))
        self._sender.tokens.sign(self._request, access_token)
        connections = self._sender.connections
        try:
            response, self._open = await connections.send(
                self._request, self._body, timeout=self._timeout, environment=self._environment
            )
        except errors_from_aiohttp.NETWORK_ERRORS as error:
            return self._lost(error)
        if response.sets_cookies:
            extract_cookies_to_jar(self._sender.cookies, self._request, response.raw)  # type: ignore[no-untyped-call]
        return answer_of(response)

    async def _receive(self, answer: Answer[requests.Response]) -> Answer[requests.Response] | Unanswered:
        try:
            await self._sender.connections.receive(answer.response, self._taken(), timeout=self._seconds)
            hooks = answer.response.request.hooks
            response: requests.Response = dispatch_hook("response", hooks, answer.response)  # type: ignore[no-untyped-call]
        except errors_from_aiohttp.NETWORK_ERRORS as error:
            return self._lost(error)
        return answer if response is answer.response else answer_of(response)

    async def _skim(self, answer: Answer[requests.Response]) -> None:
        self._request = self._request.copy()  # the answer's own keeps the token that it was sent with
        keep(answer.response, await transport.skimmed(self._taken(), timeout=self._seconds))

    async def _pause(self, step: Pause[AttemptResult[requests.Response]]) -> None:
        announce(step, self._request, self._sender.announce)
        if self._observed is not None:
            self._observed.pausing(step)
        if step.seconds > 0:
            await self._sender.stop.pause(step.seconds)

    async def _admit(self) -> bool:
        if not (self._turn.is_taken or await self._turn.take()):
            return False
        if self._sender.admission is None:
            return True
        self._entered = await self._sender.admission.enter()
        if self._entered is None:
            self._let_go()
        return self._entered is not None

    async def _settle(self, outcome: AttemptOutcome) -> RetryVerdict:
        entered, self._entered = self._entered, None
        self._let_go()
        admission = self._sender.admission
        return (
            RetryVerdict.AS_USUAL if admission is None or entered is None else await admission.leave(entered, outcome)
        )

    def _let_go(self) -> None:
        if self._open is not None:
            self._taken().close()
        self._turn.give_back()
        if self._entered is not None and self._sender.admission is not None:
            entered, self._entered = self._entered, None
            self._sender.admission.abandoned(entered)

    def _taken(self) -> aiohttp.ClientResponse:
        answer, self._open = self._open, None
        if answer is None:
            raise RuntimeError("The body of an answer is read once.")
        return answer

    def _lost(self, error: Exception) -> Unanswered:
        return errors_from_aiohttp.unanswered(error, timeout=self._seconds)

    @property
    def _seconds(self) -> float | None:
        return response_body.seconds_of(self._timeout)
