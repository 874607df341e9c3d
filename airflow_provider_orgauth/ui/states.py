"""Find the state and the lease of each connection's token among the Variables: one look for all connections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_provider_orgauth.cache.lease_record import lease_from_text
from airflow_provider_orgauth.cache.state_record import STATE_KEY_PREFIX, state_from_text
from airflow_provider_orgauth.cache.store_choice import LEASE_KEY_PREFIX
from airflow_provider_orgauth.cache.token_state import TokenState
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.ui.known_connections import KnownConnection

PREFIXES = (STATE_KEY_PREFIX, LEASE_KEY_PREFIX)


class States:
    """What is known of tokens.

    :param texts: key and text of each Variable with one of the ``PREFIXES``.
    """

    def __init__(self, texts: Iterable[tuple[str, str | None]]) -> None:
        self._states: dict[str, TokenState] = {}
        self._leases: dict[str, list[Lease]] = {}
        for key, text in texts:
            if key.startswith(STATE_KEY_PREFIX):
                state = state_from_text(text)
                if state is not None:
                    self._states[key.removeprefix(STATE_KEY_PREFIX)] = state
            elif key.startswith(LEASE_KEY_PREFIX):
                # A lease's name ends with four digits that depend on the client's secret.
                name = key.removeprefix(LEASE_KEY_PREFIX)[:-4]
                self._leases.setdefault(name, []).append(lease_from_text(text))

    def connection_ids(self) -> Iterator[str]:
        """Yield the ids of the connections that had a token."""
        for state in self._states.values():
            yield from state.connection_ids

    def of(self, known: KnownConnection) -> tuple[TokenState | None, Lease | None]:
        """Return the state of the token of ``known``, and the newest lease."""
        if known.settings is not None:
            name: str | None = known.settings.client.name
        else:
            name = max(
                (name for name, state in self._states.items() if known.connection_id in state.connection_ids),
                key=lambda name: _last_change(self._states[name]),
                default=None,
            )
        if name is None:
            return None, None
        lease = max(self._leases.get(name, ()), key=lambda lease: lease.generation, default=None)
        return self._states.get(name), lease


def _last_change(state: TokenState) -> float:
    renewed = state.renewals[0].issued_at if state.renewals else 0.0
    return max(renewed, state.failure.at if state.failure else 0.0)
