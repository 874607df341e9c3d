"""What the auths of all clients share: a connection's id, looked up when the first request is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self
from weakref import WeakKeyDictionary

from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.aio.tokens import AsyncTokens
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


class ConnectionAuth:
    """Holds the id of a connection of type ``orgauth``.

    :param org_conn_id: the connection.
    """

    def __init__(self, org_conn_id: str = OrgAuthHook.default_conn_name) -> None:
        self.org_conn_id = org_conn_id
        self._tokens: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncTokens] = WeakKeyDictionary()

    @cached_property
    def bearer(self) -> BearerAuth:
        """The auth of the connection's hook, which finds tokens.

        :raises ConfigurationError: the connection has a wrong value.
        """
        return OrgAuthHook(self.org_conn_id).auth

    async def signing(self) -> tuple[BearerAuth, AsyncTokens]:
        """Return the same on an event loop, and what finds tokens there: once for all requests that want one."""
        loop = asyncio.get_running_loop()
        if loop not in self._tokens:
            self._tokens[loop] = AsyncTokens(await in_thread(lambda: self.bearer))
        return self.bearer, self._tokens[loop]

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # all copies of a client's configuration share one token

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        return type(self), (self.org_conn_id,)

    def __repr__(self) -> str:
        """Name the connection; a token has no place in a repr."""
        return f"{type(self).__name__}({self.org_conn_id!r})"
