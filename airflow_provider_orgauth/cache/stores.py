"""Which store a connection's ``cache`` field stands for."""

from __future__ import annotations

from airflow_provider_orgauth.cache.forgiving import ForgivingStore
from airflow_provider_orgauth.cache.forgiving_lease import ForgivingLease
from airflow_provider_orgauth.cache.host_store import HostStore
from airflow_provider_orgauth.cache.memory import MemoryStore
from airflow_provider_orgauth.cache.names import shared_name
from airflow_provider_orgauth.cache.seal import seal_of
from airflow_provider_orgauth.cache.variable import VariableText
from airflow_provider_orgauth.cache.xcom import XComText
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.store import TokenStore

_TOKEN_NOTE = "Shared token of an orgauth connection; made and renewed by tasks."  # noqa: S105 - a description
_LEASE_NOTE = "Which task renews the shared token of an orgauth connection; may be deleted at any time."


def shared_store(cache: str, client: OAuthClient) -> TokenStore:
    """Return where ``client``'s token is shared with other processes.

    :param cache: ``variable``, ``xcom`` or ``memory``, as the connection says.
    """
    name = shared_name(client)
    # "token" in the key makes Airflow mask the value wherever it shows one.
    key = f"orgauth_token_{name}"
    match cache:
        case "variable":
            texts = VariableText(key, note=_TOKEN_NOTE)
            # The lease is a Variable of its own: whoever writes it must never write over a token. It is no secret.
            lease = ForgivingLease(VariableText(f"orgauth_lease_{name}", note=_LEASE_NOTE))
            seal = seal_of(client)
            return ForgivingStore(texts, seal, lease, host=HostStore(name, seal))
        case "xcom":
            # Parallel tasks of a run cannot see each other's XCom: a lock would only make them wait.
            return ForgivingStore(XComText(key), seal_of(client))
        case _:
            return MemoryStore(client.fingerprint)
