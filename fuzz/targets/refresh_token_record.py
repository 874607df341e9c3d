"""A kept refresh token's record: one that can be sent and written again, or the one error, which quotes nothing."""

from __future__ import annotations

from airflow_provider_orgauth.cache.refresh_token_record import refresh_token_from_text, refresh_token_to_text
from airflow_provider_orgauth.cache.seal import UnreadableRecordError
from airflow_provider_orgauth.oauth.generation import MAX_DIGITS
from airflow_provider_orgauth.oauth.steps import RefreshToken
from fuzz import reading
from fuzz.records import check_refusal

NAMES = ("refresh_token", "generation", "claim")


def check(text: str) -> None:
    """Assert what must hold of one text."""
    try:
        kept = refresh_token_from_text(text)
    except UnreadableRecordError as error:
        check_refusal(error, NAMES)
        return
    for part in (kept.text, kept.claim):
        assert part is None or (part and part.isascii() and part.isprintable()), "it could split a header"
    assert 0 <= kept.generation < 10**MAX_DIGITS
    assert repr(kept) == repr(RefreshToken("x", kept.generation, kept.claim)), "a repr shows the refresh token"
    check_round_trip(kept)


def check_round_trip(kept: RefreshToken) -> None:
    """Assert that a refresh token is read as it was written."""
    assert refresh_token_from_text(refresh_token_to_text(kept)) == kept


def one(data: bytes) -> None:
    """The record's JSON text."""
    check(reading.text(data))
