"""Choose the store by the connection's ``cache`` field."""

from __future__ import annotations

from functools import lru_cache

from airflow_provider_orgauth.cache.host_file import HostFile
from airflow_provider_orgauth.cache.host_store import HostStore
from airflow_provider_orgauth.cache.memory import MemoryStore
from airflow_provider_orgauth.cache.refresh_token_store import RefreshTokenStore
from airflow_provider_orgauth.cache.seal import seal_of, seal_with
from airflow_provider_orgauth.cache.shared_key import SharedKey
from airflow_provider_orgauth.cache.shared_lease import SharedLease, SurelyReadLease
from airflow_provider_orgauth.cache.shared_name import family_name, shared_name
from airflow_provider_orgauth.cache.shared_seal import SharedSeal
from airflow_provider_orgauth.cache.shared_store import SharedStore
from airflow_provider_orgauth.cache.variable_text import MakeVariable, VariableText
from airflow_provider_orgauth.cache.xcom_text import XComText
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.store import TokenStore

_SHARED_NOTE = "Shared token of an orgauth connection, sealed; made and renewed by tasks. May be deleted at any time."
_KEY_NOTE = "What the shared token of an orgauth connection is sealed with besides; made by tasks. May be deleted."
LEASE_KEY_PREFIX = "orgauth_lease_"
"""What the keys of the Variables with a lease begin with; the client's name follows."""

_REFRESH_NOTE = (
    "Newest refresh token of an orgauth connection, sealed; made and renewed by tasks. Do not delete or restore it: it "
    "exists nowhere else, and the server takes no former one."
)
_SENDING_NOTE = "Which task sends the refresh token of an orgauth connection. Do not delete or restore it."
_LEASE_NOTE = "Which task renews the shared token of an orgauth connection; may be deleted at any time."


def shared_store(cache: str, client: OAuthClient, *, variable: MakeVariable = VariableText) -> TokenStore:
    """Return where ``client``'s token is shared with other processes.

    :param cache: ``variable``, ``xcom`` or ``memory``, as the connection says.
    :param variable: how a text is kept in a Variable, in this kind of process.
    """
    if cache == "memory":  # it needs neither a name nor a seal, which costs a process some 30 ms
        return MemoryStore(client.fingerprint)
    name, seal = shared_name(client), seal_of(client)
    match cache:
        case "variable":
            texts = variable(shared_key(client), note=_SHARED_NOTE)
            # The lease is a Variable of its own: to write it must never overwrite a token. It is no secret.
            lease = SharedLease(variable(f"{LEASE_KEY_PREFIX}{name}", note=_LEASE_NOTE))
            return SharedStore(texts, SharedSeal(seal, _shared_key(name, variable)), lease, host=HostStore(name, seal))
        case "xcom":
            # Parallel tasks of a run cannot see each other's XCom: a lock would only make them wait.
            return SharedStore(XComText(f"orgauth_token_{name}"), seal)
    raise ValueError(f"there is no store for cache={cache!r}")


def shared_texts(client: OAuthClient, *, variable: MakeVariable) -> SharedStore:
    """Return the shared token of ``client`` as all hosts see it, without what this host keeps: for looking only."""
    name = shared_name(client)
    return SharedStore(
        variable(shared_key(client), note=_SHARED_NOTE),
        SharedSeal(seal_of(client), _shared_key(name, variable)),
        SharedLease(variable(f"{LEASE_KEY_PREFIX}{name}", note=_LEASE_NOTE)),
    )


def shared_key(client: OAuthClient) -> str:
    """Return the key of the Variable with ``client``'s shared token."""
    # No sensitive word in the key: Airflow's masker would keep the text of each renewal for ever.
    return f"orgauth_shared_{shared_name(client)}"


def lease_key(client: OAuthClient) -> str:
    """Return the key of the Variable that says who renews ``client``'s token."""
    return f"{LEASE_KEY_PREFIX}{shared_name(client)}"


def refresh_token_store(client: OAuthClient, *, variable: MakeVariable = VariableText) -> RefreshTokenStore | None:
    """Return where the newest refresh token of ``client`` is kept; None where it has none to begin with.

    There is one for the whole process, which remembers what could not be kept anywhere else.
    """
    if client.refresh_token is None:
        return None
    return refresh_tokens_of(client.family_fingerprint, client.refresh_token, variable)


@lru_cache(maxsize=64)
def refresh_tokens_of(family_fingerprint: str, first: str, variable: MakeVariable = VariableText) -> RefreshTokenStore:
    """Return where the newest of those is kept that descend from ``first``."""
    name, seal = family_name(family_fingerprint), seal_with(family_fingerprint)
    texts = variable(f"orgauth_refresh_{name}", note=_REFRESH_NOTE)
    sending, sent = (
        SurelyReadLease(variable(f"orgauth_{what}_{name}", note=_SENDING_NOTE)) for what in ("sending", "sent")
    )
    return RefreshTokenStore(first, texts, seal, HostFile(f"{name}.newest"), sending=sending, sent=sent)


@lru_cache(maxsize=64)
def _shared_key(name: str, variable: MakeVariable) -> SharedKey:
    """Return the key of that name, one for the whole process: it is remembered."""
    # "token" in the key makes Airflow mask the value wherever it shows one.
    return SharedKey(variable(f"orgauth_token_key_{name}", note=_KEY_NOTE))
