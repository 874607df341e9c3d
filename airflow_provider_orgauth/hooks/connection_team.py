"""The team of a connection, in an Airflow that has teams: its tasks' connections and Variables are that team's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from airflow_provider_orgauth.compat import AirflowNotFoundException

TEAM_SEPARATOR = "___"
"""In the name of an environment variable, what stands between a team and the id of its connection."""


def team_of(conn_id: str) -> str | None:
    """Return the team that a connection of the database belongs to; None where it has none, or Airflow knows none."""
    if not _has_teams():
        return None
    from airflow.models import Connection

    team: str | None = Connection.get_team_name(conn_id)
    return team


def team_of_variables(keys: Iterable[str]) -> str | None:
    """Return the team that the first of these Variables that is there belongs to; None where it has none.

    A key is one row, whoever writes it: Airflow lets another team write over its text, and read nothing of it.
    """
    if not _has_teams():
        return None
    from airflow.models import Variable

    return next((team for key in keys if (team := Variable.get_team_name(key)) is not None), None)


def connection_of_team(conn_id: str, team: str | None) -> Any:
    """Return the connection as the tasks of ``team`` see it: of a secrets backend, the environment or the database.

    :param team: None: as those see it that are of no team.
    :raises AirflowNotFoundException: there is none.
    """
    from airflow.models import Connection

    # Airflow 3.2 finds that of a team whose name has a "_" for everybody who writes the id so; 3.3 does not.
    if team is None and TEAM_SEPARATOR in conn_id and f"AIRFLOW_CONN_{conn_id.upper()}" in os.environ and _has_teams():
        raise AirflowNotFoundException(f"The conn_id `{conn_id}` isn't defined")
    of_team = {} if team is None else {"team_name": team}  # before Airflow 3.2, there is no such argument
    return Connection.get_connection_from_secrets(conn_id, **of_team)


def _has_teams() -> bool:
    from airflow_provider_orgauth.compat import conf

    return bool(conf.getboolean("core", "multi_team", fallback=False))
