"""Tell Airflow's secrets masker what must never stand in a log, in every spelling in which it travels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_orgauth.compat import mask_secret
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_credentials_grant
from airflow_provider_orgauth.oauth.redaction import spellings
from airflow_provider_orgauth.oauth.token import Token

# Airflow 3 refuses to mask less; Airflow 2 would blacken every "a" of every log for a secret of one letter.
SHORTEST = 5


def mask_client(client: OAuthClient) -> None:
    """Mask the client secret: as it is, percent-encoded, and inside the Basic header."""
    _mask(client_credentials_grant(client).secrets)


def mask_headers(headers: Mapping[str, str]) -> None:
    """Mask the values of headers whose names Airflow takes for sensitive, such as ``X-Api_Key``."""
    mask_secret(dict(headers))


def mask_token(token: Token) -> None:
    """Mask both tokens."""
    for secret in filter(None, (token.access_token, token.refresh_token)):
        _mask(spellings(secret))


def _mask(secrets: Iterable[str]) -> None:
    for secret in secrets:
        if len(secret) >= SHORTEST:
            mask_secret(secret)
