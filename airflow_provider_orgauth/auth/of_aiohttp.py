"""For ``aiohttp``, from 3.12 on, which has middlewares for clients."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.payload import BytesPayload

from airflow_provider_orgauth.auth.connection_auth import ConnectionAuth
from airflow_provider_orgauth.client.exchange import Answer, MayReplay, ObtainToken, Rule, Skim, Transmit
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest

_MOST_OF_A_REFUSAL = 64 * 1024


class OrgMiddleware(ConnectionAuth):
    """A middleware of ``aiohttp.ClientSession``.

    ::

        async with aiohttp.ClientSession(middlewares=[OrgMiddleware("orgauth_default")]) as session:
            response = await session.get("https://fra1.blynk.cloud/api/v1/organization/profile")

    :param org_conn_id: the connection.
    :raises ConfigurationError: this aiohttp is older.
    """

    def __init__(self, org_conn_id: str = OrgAuthHook.default_conn_name) -> None:
        if not hasattr(aiohttp, "ClientHandlerType"):
            raise ConfigurationError(
                "OrgMiddleware",
                f"needs aiohttp 3.12, which has middlewares for clients, and this is {aiohttp.__version__}",
                advice="Take a newer aiohttp, or hook.run_async.",
            )
        super().__init__(org_conn_id)

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
        """Sign a request to the connection's server; see :mod:`~.client.signed_call`."""
        bearer, tokens = await self.signing()
        if not bearer.signs(str(request.url)):
            return await handler(request)
        rule: Rule[aiohttp.ClientResponse, None] = bearer.signed_call(can_rewind=_can_rewind(request))
        responses: list[aiohttp.ClientResponse] = []
        outcome: Any = None
        while True:
            try:
                step = rule.send(outcome)
            except StopIteration:
                return responses[-1]
            match step:
                case ObtainToken():
                    outcome = await tokens.obtain(step)
                case MayReplay():
                    outcome = await tokens.may_replay(step)
                case Skim(answer):
                    outcome = await answer.response.content.read(_MOST_OF_A_REFUSAL)
                    answer.response.release()
                case Transmit(access_token):
                    bearer.sign(request, access_token)
                    began = time.monotonic()
                    responses.append(response := await handler(request))
                    outcome = Answer(response.status, response.headers, time.monotonic() - began, response)


def _can_rewind(request: ClientRequest) -> bool:
    return isinstance(request.body, bytes | BytesPayload)
