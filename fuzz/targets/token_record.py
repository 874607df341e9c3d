"""A cached token record: a token that can be used and written again, or the one error, which quotes nothing."""

from __future__ import annotations

import math
from dataclasses import replace

from airflow_provider_orgauth.cache.seal import UnreadableRecordError
from airflow_provider_orgauth.cache.token_record import from_text, to_text
from fuzz import reading
from fuzz.records import check_refusal

NOW = 1_766_000_000.0
NAMES = ("access_token", "issued_at", "lifetime", "refresh_token", "refresh_lifetime", "generation")


def check(text: str) -> None:
    """Assert what must hold of one text."""
    try:
        token = from_text(text)
    except UnreadableRecordError as error:
        check_refusal(error, NAMES)
        return
    for secret in (token.access_token, token.refresh_token):
        assert secret is None or (secret and secret.isascii() and secret.isprintable())
    assert repr(token) == repr(replace(token, access_token="x", refresh_token=None)), "a repr shows a credential"
    for seconds in (token.issued_at, token.lifetime, token.refresh_lifetime or 0.0):
        assert isinstance(seconds, float)
        assert math.isfinite(seconds)
        assert abs(seconds) <= 1e12
    assert isinstance(token.is_fresh(NOW, 30), bool)
    assert isinstance(token.can_refresh(NOW), bool)
    assert from_text(to_text(token)) == token


def one(data: bytes) -> None:
    """The record's JSON text."""
    check(reading.text(data))
