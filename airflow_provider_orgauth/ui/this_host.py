"""What this host has counted and nobody has written down yet: where tasks run beside the API server, that is all."""

from __future__ import annotations

from airflow_provider_orgauth.cache.host_tally import tally_of
from airflow_provider_orgauth.cache.token_state import TokenState
from airflow_provider_orgauth.ui.known_connections import KnownConnection


def with_counts_of_this_host(state: TokenState | None, known: KnownConnection, *, now: float) -> TokenState | None:
    """Return ``state`` with the API requests that the next renewal of this host would write down."""
    if state is None or known.settings is None:
        return state
    tally = tally_of(known.settings.client)
    return state if tally is None else state.after_hours(tally.look(now), at=now)
