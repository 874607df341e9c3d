"""Drives an exchange over aiohttp, in a task of an event loop."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import aiohttp
import requests
from requests.hooks import dispatch_hook

from airflow_provider_orgauth.client import reading
from airflow_provider_orgauth.client.aio import failures, transport
from airflow_provider_orgauth.client.aio.gates import AsyncGate, Turn
from airflow_provider_orgauth.client.aio.stop import LoopStop
from airflow_provider_orgauth.client.aio.tokens import AsyncTokens
from airflow_provider_orgauth.client.aio.transport import LoopConnections, Timeout
from airflow_provider_orgauth.client.auth import answer_of, authorization
from airflow_provider_orgauth.client.bodies import rewind
from airflow_provider_orgauth.client.exchange import (
    Admit,
    Answer,
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
from airflow_provider_orgauth.client.gate import Again, Outcome
from airflow_provider_orgauth.client.response_content import keep
from airflow_provider_orgauth.client.retry import Pause
from airflow_provider_orgauth.client.token_endpoint import Announce

T = TypeVar("T")


class Sender(Protocol):
    """What the steps are taken with: a session's."""

    connections: LoopConnections
    tokens: AsyncTokens
    gate: AsyncGate | None
    stop: LoopStop
    announce: Announce


class AsyncExchangeDriver:
    """Takes the steps of an exchange in the task that calls it; its cancellation ends them at once.

    :param environment: ``verify`` and ``proxies``, as requests found them.
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
        self._timeout = timeout
        self._environment = environment
        self._open: aiohttp.ClientResponse | None = None
        self._entered: int | None = None

    async def drive(self, rule: Rule[requests.Response, T]) -> T:
        """Return what the rule returns; whatever ends it, connection, slot and gate are free again."""
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

    async def _take(self, step: Step[requests.Response]) -> Any:
        match step:
            case Transmit(access_token):
                return await self._transmit(access_token)
            case Receive(answer):
                return await self._receive(answer)
            case ObtainToken():
                return await self._sender.tokens.obtain(step)
            case Admit():
                return await self._admit()
            case Settle(outcome):
                return await self._settle(outcome)
            case Skim(answer):
                return await self._skim(answer)
            case MayReplay():
                return await self._sender.tokens.may_replay(step)
            case Pause():
                announce(step, self._request, self._sender.announce)
                if step.seconds > 0:
                    await self._sender.stop.pause(step.seconds)
                return None

    async def _transmit(self, access_token: str) -> Answer[requests.Response] | Unanswered:
        rewind(self._request)
        self._request.headers["Authorization"] = authorization(access_token)
        connections = self._sender.connections
        try:
            response, self._open = await connections.send(
                self._request, timeout=self._timeout, environment=self._environment
            )
        except failures.NETWORK_ERRORS as error:
            return self._lost(error)
        return answer_of(response)

    async def _receive(self, answer: Answer[requests.Response]) -> Answer[requests.Response] | Unanswered:
        try:
            await self._sender.connections.receive(answer.response, self._taken(), timeout=self._seconds)
        except failures.NETWORK_ERRORS as error:
            return self._lost(error)
        hooks = answer.response.request.hooks
        response: requests.Response = dispatch_hook("response", hooks, answer.response)  # type: ignore[no-untyped-call]
        return answer if response is answer.response else answer_of(response)

    async def _skim(self, answer: Answer[requests.Response]) -> None:
        self._request = self._request.copy()  # the answer's own keeps the token that it was sent with
        keep(answer.response, await transport.skimmed(self._taken(), timeout=self._seconds))

    async def _admit(self) -> bool:
        if not await self._turn.take():
            return False
        if self._sender.gate is None:
            return True
        self._entered = await self._sender.gate.enter()
        if self._entered is None:
            self._let_go()
        return self._entered is not None

    async def _settle(self, outcome: Outcome) -> Again:
        entered, self._entered = self._entered, None
        self._let_go()
        gate = self._sender.gate
        return Again.AS_USUAL if gate is None or entered is None else await gate.leave(entered, outcome)

    def _let_go(self) -> None:
        if self._open is not None:
            self._taken().close()
        self._turn.give_back()
        if self._entered is not None and self._sender.gate is not None:
            entered, self._entered = self._entered, None
            self._sender.gate.abandoned(entered)

    def _taken(self) -> aiohttp.ClientResponse:
        answer, self._open = self._open, None
        if answer is None:
            raise RuntimeError("The body of an answer is read once.")
        return answer

    def _lost(self, error: Exception) -> Unanswered:
        return failures.unanswered(error, timeout=self._seconds)

    @property
    def _seconds(self) -> float | None:
        return reading.seconds_of(self._timeout)
