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

    Times are epoch seconds. ``token_requests`` and ``api_requests`` have lists of 24 numbers, one for each hour, the
    oldest first; ``first_hour`` says when that begins.
    """
    settings = known.settings
    judged = verdict(known, state, lease, now=now)
    is_seen = judged.standing is not Standing.NOT_SHARED
    renewals = state.renewals if state is not None and is_seen else ()
    hours = _hours_shown(state.hours if state is not None and is_seen else (), now=now)
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
        "first_hour": hours[0].hour * 3600,
        "token_requests": {"all": [hour.requests for hour in hours], "failed": [hour.failures for hour in hours]},
        "api_requests": {
            "all": [hour.api_requests for hour in hours],
            "too_many": [hour.api_too_many for hour in hours],
            "waits": [hour.api_waits for hour in hours],
        },
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


def _hours_shown(hours: tuple[Hour, ...], *, now: float) -> list[Hour]:
    counted = {hour.hour: hour for hour in hours}
    last = int(now // 3600)
    return [counted.get(hour, Hour(hour=hour)) for hour in range(last - HOURS_SHOWN + 1, last + 1)]
