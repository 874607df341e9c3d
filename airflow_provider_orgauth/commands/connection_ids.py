"""Which connections there are: those of the database and of the environment. Secrets backends give no list."""

from __future__ import annotations

import os

from airflow_provider_orgauth.hooks.connection_team import connection_of_team
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE

_PREFIX = "AIRFLOW_CONN_"


def connection_ids() -> list[str]:
    """Return the ids of all orgauth connections that can be listed, sorted."""
    return sorted({*_of_database(), *_of_environment()})


def _of_database() -> list[str]:
    from airflow.models import Connection
    from airflow.utils.session import create_session

    with create_session() as session:
        rows = session.query(Connection.conn_id).filter(Connection.conn_type == CONNECTION_TYPE)
        return [str(row[0]) for row in rows]


def _of_environment() -> list[str]:
    named = [name.removeprefix(_PREFIX).lower() for name in os.environ if name.startswith(_PREFIX)]
    return [conn_id for conn_id in named if _is_ours(conn_id)]


def _is_ours(conn_id: str) -> bool:
    try:
        return bool(connection_of_team(conn_id, None).conn_type == CONNECTION_TYPE)
    except Exception:  # whatever Airflow makes of that text: it is none that tasks could use
        return False
