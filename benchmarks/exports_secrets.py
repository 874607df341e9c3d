"""A secrets backend that knows nothing and counts how often it is asked: how connections are looked up is seen here.

Airflow asks it before the environment variables that have the connections.
"""

from __future__ import annotations

BACKEND = "exports_secrets.Counting"


class Counting:
    """Counts in the process that asks. It has no base: Airflow loads it while it is being imported itself."""

    lookups: int = 0

    def get_connection(self, conn_id: str, team_name: str | None = None) -> None:
        """Count, and let the next backend answer."""
        type(self).lookups += 1

    def _set_connection_class(self, _connection_class: type) -> None:
        """Airflow says what it wants connections to be: there are none here."""

    def get_variable(self, key: str, team_name: str | None = None) -> None:
        """Know none."""

    def get_config(self, key: str) -> None:
        """Know none."""
