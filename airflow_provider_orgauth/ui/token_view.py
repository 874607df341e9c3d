"""What the page is sent about a connection: numbers and words, and nothing that is secret."""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_orgauth.cache.token_state import Hour, TokenState
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.ui.known_connections import KnownConnection
from airflow_provider_orgauth.ui.verdict import Standing, verdict

HOURS_SHOWN = 24
_ORDER = {standing: place for place, standing in enumerate(Standing)}


def row_of(known: KnownConnection, state: TokenState | None, lease: Lease | None, *, now: float) -> dict[str, Any]:
    """Return the row of one connection, as JSON can hold it.

    Times are epoch seconds. ``token_requests`` has two lists of 24 numbers, one for each hour, the oldest first.
    """
    settings = known.settings
    judged = verdict(known, state, lease, now=now)
    is_seen = judged.standing is not Standing.NOT_SHARED
    renewals = state.renewals if state is not None and is_seen else ()
    is_forgotten = judged.standing is Standing.NONE
    return {
        "connection_id": known.connection_id,
        "source": known.source,
        "server": settings.server.origin if settings else (state.server if state else None),
        "cache": settings.cache if settings else ("variable" if state else None),
        "standing": judged.standing.value,
        "says": judged.says,
        "renewal": None if is_forgotten or not renewals else msgspec.to_builtins(renewals[0]),
        "failure": msgspec.to_builtins(state.failure) if state is not None and is_seen else None,
        "token_requests": _by_hour(state.hours if state is not None and is_seen else (), now=now),
        "requests_per_minute": settings.http.rate_limit if settings else None,
        "expiry_margin": settings.expiry_margin if settings else None,
        "shared_with": [] if state is None else [one for one in state.connection_ids if one != known.connection_id],
    }


def detail_of(known: KnownConnection, state: TokenState | None, lease: Lease | None, *, now: float) -> dict[str, Any]:
    """Return the row, and the last tokens for the timeline, the newest first."""
    row = row_of(known, state, lease, now=now)
    is_seen = state is not None and row["standing"] != Standing.NOT_SHARED
    return row | {
        "renewals": list(msgspec.to_builtins(state.renewals)) if state is not None and is_seen else [],
        "forgotten": msgspec.to_builtins(state.forgotten) if state is not None and is_seen else None,
    }


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return ``rows`` with what needs a person first."""
    return sorted(rows, key=lambda row: (_ORDER[Standing(row["standing"])], row["connection_id"]))


def _by_hour(hours: tuple[Hour, ...], *, now: float) -> dict[str, list[int]]:
    counted = {hour.hour: hour for hour in hours}
    last = int(now // 3600)
    shown = [counted.get(hour) for hour in range(last - HOURS_SHOWN + 1, last + 1)]
    return {
        "all": [hour.requests if hour else 0 for hour in shown],
        "failed": [hour.failures if hour else 0 for hour in shown],
    }
