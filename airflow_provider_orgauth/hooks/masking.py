"""Tell Airflow's secrets masker what must never stand in a log, in every spelling in which it travels."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import mask_secret

from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_credentials_grant
from airflow_provider_orgauth.oauth.redaction import spellings
from airflow_provider_orgauth.oauth.token import Token


def mask_client(client: OAuthClient) -> None:
    """Mask the client secret: as it is, percent-encoded, and inside the Basic header."""
    for secret in client_credentials_grant(client).secrets:
        mask_secret(secret)


def mask_token(token: Token) -> None:
    """Mask both tokens."""
    for secret in (token.access_token, token.refresh_token):
        for spelling in spellings(secret) if secret else ():
            mask_secret(spelling)
