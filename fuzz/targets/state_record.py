"""The state of a token, in a Variable that anybody may have written to: a state within its bounds, or none."""

from __future__ import annotations

from airflow_provider_orgauth.cache.state_record import MAX_RECORD_CHARACTERS, state_from_text, state_to_text
from airflow_provider_orgauth.cache.token_state import (
    MAX_CONNECTIONS,
    MAX_HOURS,
    MAX_NAME_CHARACTERS,
    MAX_RENEWALS,
    MAX_SENTENCE_CHARACTERS,
    TokenState,
)
from fuzz import reading

NOW = 1_766_000_000.0


def check(text: object) -> None:
    """Assert what must hold of one text."""
    state = state_from_text(text)
    if state is None:
        return
    assert isinstance(text, str)
    assert len(text) <= MAX_RECORD_CHARACTERS
    assert len(state.renewals) <= MAX_RENEWALS
    assert len(state.hours) <= MAX_HOURS
    assert len(state.connection_ids) <= MAX_CONNECTIONS
    for name in (state.server, state.token_server, *state.connection_ids):
        assert len(name) <= MAX_NAME_CHARACTERS
    if state.failure is not None:
        assert len(state.failure.message) <= MAX_SENTENCE_CHARACTERS
    for renewal in state.renewals:
        assert 0 <= renewal.issued_at <= 1e12
        assert 0 <= renewal.lifetime <= 1e12
    check_round_trip(state)
    counted = state.after_requests(1, failures=0, at=NOW)
    assert len(counted.hours) <= MAX_HOURS
    assert counted.hours[-1].requests >= 1


def check_round_trip(state: TokenState) -> None:
    """Assert that a state is read as it was written."""
    text = state_to_text(state)
    assert len(text) > MAX_RECORD_CHARACTERS or state_from_text(text) == state


def one(data: bytes) -> None:
    """The record's JSON text."""
    check(reading.text(data))
