"""For ``httpx``."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator
from typing import Any

import httpx

from airflow_provider_orgauth.auth.connection_auth import ConnectionAuth
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.exchange import Answer, MayReplay, ObtainToken, Rule, Step, Transmit
from airflow_provider_orgauth.exceptions import ConfigurationError


class OrgHttpxAuth(ConnectionAuth, httpx.Auth):
    """An auth for ``httpx.Client`` and ``httpx.AsyncClient``, which asks for tokens in a thread.

    ::

        with httpx.Client(auth=OrgHttpxAuth("orgauth_default")) as client:
            client.get("https://fra1.blynk.cloud/api/v1/organization/profile")

    :param org_conn_id: the connection.
    :raises ConfigurationError: at the first request, where the connection has the token in another header than
        ``Authorization``.
    """

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign a request to the connection's server; see :mod:`~.client.signed_call`."""
        bearer = self.bearer
        call = _Call(bearer, request)
        while (step := call.next()) is not None:
            match step:
                case ObtainToken():
                    call.outcome = bearer.obtain(step)
                case MayReplay():
                    call.outcome = bearer.may_replay(step)
                case Transmit():
                    call.answered((yield call.signed(step)))

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Do the same on an event loop."""
        bearer, tokens = await self.signing()
        call = _Call(bearer, request)
        while (step := call.next()) is not None:
            match step:
                case ObtainToken():
                    call.outcome = await tokens.obtain(step)
                case MayReplay():
                    call.outcome = await tokens.may_replay(step)
                case Transmit():
                    call.answered((yield call.signed(step)))


class _Call:
    """One call: which step is next, and what came of the last one."""

    def __init__(self, bearer: BearerAuth, request: httpx.Request) -> None:
        if bearer.header.lower() != "authorization":
            raise ConfigurationError(
                "api_header (Header for the token)",
                f"is {bearer.header}, and httpx sends any header but Authorization along with a redirect elsewhere",
                advice="Call with hook.run or hook.run_async, or take requests or aiohttp.",
            )
        self._bearer = bearer
        self._request = request
        self._signs = bearer.signs(str(request.url))
        self._began = 0.0
        # A body of bytes can be sent again; one that is read from somewhere cannot.
        can_rewind = isinstance(request.stream, httpx.ByteStream)
        self._rule: Rule[httpx.Response, None] = (
            bearer.signed_call(can_rewind=can_rewind) if self._signs else _unsigned()
        )
        self.outcome: Any = None

    def next(self) -> Step[httpx.Response] | None:
        """Return the next step; None: that was the last one."""
        outcome, self.outcome = self.outcome, None  # a body that is to be skimmed, httpx reads by itself
        try:
            return self._rule.send(outcome)
        except StopIteration:
            return None

    def signed(self, step: Transmit) -> httpx.Request:
        """Return the request with its token."""
        if self._signs:
            self._bearer.sign(self._request, step.access_token)
        self._began = time.monotonic()
        return self._request

    def answered(self, response: httpx.Response) -> None:
        """Take the answer."""
        self.outcome = Answer(response.status_code, response.headers, time.monotonic() - self._began, response)


def _unsigned() -> Rule[httpx.Response, None]:
    yield Transmit("")
