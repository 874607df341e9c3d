"""A hook's ``requests`` auth, which goes where a client's configuration goes: it is copied and pickled with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Self

from airflow_provider_orgauth.client.api_header import ApiHeader
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.client.token_source import TokenSource


class HookAuth(BearerAuth):
    """What :attr:`OrgAuthHook.auth` returns.

    A deep copy is the auth itself: dlt copies its whole configuration, and all copies are to share one token. What is
    pickled is the connection's id, never a token; it is looked up where it is used.
    """

    def __init__(
        self, hook: type[_Hook], org_conn_id: str, tokens: TokenSource, server: Origin, header: ApiHeader
    ) -> None:
        super().__init__(tokens, server, header)
        self._hook = hook
        self._org_conn_id = org_conn_id

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Callable[[type[_Hook], str], BearerAuth], tuple[type[_Hook], str]]:
        return _auth_of, (self._hook, self._org_conn_id)


class _Hook(Protocol):
    def __init__(self, org_conn_id: str) -> None: ...

    @property
    def auth(self) -> BearerAuth: ...


def _auth_of(hook: type[_Hook], org_conn_id: str) -> BearerAuth:
    return hook(org_conn_id).auth
