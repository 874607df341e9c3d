"""Put together what a connection gets its tokens from: the stores, the endpoint, what masks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_orgauth.cache.host_clock import clock_file
from airflow_provider_orgauth.cache.memory import MemoryStore
from airflow_provider_orgauth.cache.store_choice import refresh_token_store
from airflow_provider_orgauth.cache.variable_text import MakeVariable, VariableText
from airflow_provider_orgauth.client.server_clock import ServerClock, server_clock
from airflow_provider_orgauth.client.token_source import TokenSource
from airflow_provider_orgauth.hooks import masking

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.observer import Observer
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings
    from airflow_provider_orgauth.oauth.renewal_report import RenewalReport
    from airflow_provider_orgauth.oauth.store import TokenStore


def clock_of(settings: ConnectionSettings, now: Callable[[], float]) -> ServerClock:
    """Return the clock of the connection's token endpoint, which the processes of this host share.

    :param now: epoch seconds by this host's own clock.
    """
    server = settings.client.token_server
    return server_clock(server, now, clock_file(server))


def token_source(
    settings: ConnectionSettings,
    endpoint: TokenEndpoint,
    retry: RetryPolicy,
    shared: TokenStore,
    *,
    variable: MakeVariable = VariableText,
    on_renewal: Callable[[RenewalReport], None] = lambda _: None,
    observer: Observer | None = None,
) -> TokenSource:
    """Return what gives tokens for the connection.

    :param variable: how a text is kept in a Variable, in this kind of process.
    :param on_renewal: see :class:`~.token_source.TokenSource`; and so for ``observer``.
    """
    return TokenSource(
        settings.client,
        endpoint,
        memory=MemoryStore(settings.client.fingerprint),
        shared=shared,
        margin=settings.expiry_margin,
        retry=retry,
        on_token=masking.mask_token,
        on_secret=masking.mask_refresh_token,
        on_renewal=on_renewal,
        refresh_tokens=refresh_token_store(settings.client, variable=variable),
        observer=observer,
    )
