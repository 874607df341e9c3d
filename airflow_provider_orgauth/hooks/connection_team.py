"""The team of a connection, in an Airflow that has teams: its tasks' connections and Variables are that team's."""

from __future__ import annotations

from typing import Any


def team_of(conn_id: str) -> str | None:
    """Return the team that a connection of the database belongs to; None where it has none, or Airflow knows none."""
    from airflow_provider_orgauth.compat import conf

    if not conf.getboolean("core", "multi_team", fallback=False):
        return None
    from airflow.models import Connection

    team: str | None = Connection.get_team_name(conn_id)
    return team


def connection_of_team(conn_id: str, team: str | None) -> Any:
    """Return the connection as the tasks of ``team`` see it: of a secrets backend, the environment or the database.

    :param team: None: as those see it that are of no team.
    :raises AirflowNotFoundException: there is none.
    """
    from airflow.models import Connection

    of_team = {} if team is None else {"team_name": team}  # before Airflow 3.2, there is no such argument
    return Connection.get_connection_from_secrets(conn_id, **of_team)
