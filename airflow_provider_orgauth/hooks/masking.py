"""Register with Airflow's secrets masker what must never be in a log, in every spelling in which it is sent.

It gets a process's first tokens, which are all that an ordinary task ever has. Each makes its pattern longer, which is
compiled again each time: with a hundred pairs of 1,200 characters, that takes 125 MB and most of a second. Later tokens
are masked by :mod:`~.own_masking`.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Mapping

from airflow_provider_orgauth.compat import mask_secret
from airflow_provider_orgauth.hooks import own_masking
from airflow_provider_orgauth.hooks.known_secrets import MIN_CHARACTERS
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_secrets
from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
from airflow_provider_orgauth.oauth.text_redaction import spellings
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)

MAX_TOLD_SPELLINGS = 16
"""Spellings of tokens that Airflow's masker gets: those of eight pairs, where a URL writes them as they are."""

MAX_TOLD_CHARACTERS = 10_000
"""Characters of these. With twice as many, google-re2 (Airflow 2.11) lacks the memory to match its pattern quickly."""

REFRESH_TOKEN_SECONDS = 7 * 86400.0
"""Seconds for which a refresh token is masked: how long it lives, no answer says."""

TOLD: set[str] = set()
"""The spellings of tokens that Airflow's masker has got."""

WARNED: set[str] = set()
"""The warnings that were logged: each comes once."""


def mask_client(client: OAuthClient) -> None:
    """Mask the client secret: as it is, percent-encoded, and inside the Basic header; of a private key, each line.

    Where it is sent in a body of JSON, also as that has it, and as Python prints such a body.
    """
    secrets = client_secrets(client)
    if client.grant_params_in == "json":
        in_json = {json.dumps(secret)[1:-1] for secret in secrets}
        secrets |= in_json | {text.replace("\\", "\\\\").replace("'", "\\'") for text in in_json}
    for secret in _long_enough(secrets):
        _tell(secret)


def mask_headers(headers: Mapping[str, str]) -> None:
    """Mask the values of headers that carry a credential by their names: by our list, or by Airflow's words."""
    for name, value in headers.items():
        if is_credential_name(name) and len(value) >= MIN_CHARACTERS:
            _tell(value)
        else:
            _tell(value, name)


def mask_token(token: Token) -> None:
    """Mask both tokens, as long as they may be used and for hours after that."""
    for secret in filter(None, (token.access_token, token.refresh_token)):
        _mask(secret, seconds=token.lifetime + own_masking.KEPT_SECONDS)


def mask_refresh_token(refresh_token: str) -> None:
    """Mask one of those that descend from the one to begin with, for days from each time that it is seen."""
    _mask(refresh_token, seconds=REFRESH_TOKEN_SECONDS)


def _mask(secret: str, *, seconds: float) -> None:
    for spelling in _long_enough(spellings(secret)):
        own_masking.add(spelling, seconds=seconds)
        if _is_one_of_the_first(spelling) or not own_masking.works():
            _tell(spelling)


def _long_enough(secrets: Iterable[str]) -> Iterable[str]:
    # Airflow 3 refuses to mask less; Airflow 2 would mask every "a" of every log for a secret of one letter.
    return (secret for secret in secrets if len(secret) >= MIN_CHARACTERS)


def _is_one_of_the_first(spelling: str) -> bool:
    if len(TOLD) < MAX_TOLD_SPELLINGS and sum(map(len, TOLD)) + len(spelling) <= MAX_TOLD_CHARACTERS:
        TOLD.add(spelling)
    return spelling in TOLD


def _tell(secret: str, name: str | None = None) -> None:
    """Register a secret with Airflow's masker. Where that fails, such as by too large a pattern, mask it here."""
    try:
        mask_secret(secret, name)
    except Exception as error:
        own_masking.forget_pattern(secret)
        if secret not in own_masking.KNOWN and len(secret) >= MIN_CHARACTERS:
            own_masking.add(secret, seconds=math.inf)
        if not own_masking.works():
            _warn(f"Airflow's secrets masker does not work ({type(error).__name__}): tokens may be seen in logs.")


def _warn(text: str) -> None:
    if text not in WARNED:
        WARNED.add(text)
        log.warning(text)
