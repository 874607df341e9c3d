"""What the connection's Test button says: one token request, and one sentence about what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings


def checked(settings: ConnectionSettings, retry: RetryPolicy) -> tuple[bool, str]:
    """Ask for one token, once, and return whether it came, and what to tell the user.

    Reads no cache and leaves nothing behind. Why no token came is a sentence of ``client/token_errors.py``.
    """
    from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
    from airflow_provider_orgauth.client.token_errors import token_error_of
    from airflow_provider_orgauth.oauth.grants import client_credentials_grant
    from airflow_provider_orgauth.oauth.token import Token

    outcome = TokenEndpoint(settings.http, retry).attempt(client_credentials_grant(settings.client))
    if not isinstance(outcome, Token):
        return False, str(token_error_of(outcome, settings.client, now=retry.clock()))
    refresh = "with" if outcome.refresh_token else "without"
    return True, (
        f"{settings.client.grant_type} grant works at {settings.client.token_url}: "
        f"a token for {outcome.lifetime:g} s, {refresh} a refresh token."
    )
