"""What the page takes from Airflow's API server: who asks, what that person may do, the audit log, the rows.

Airflow promises none of these names to plugins, and has no others for it. ``tests/private_api`` holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, get_user, requires_access_connection
from airflow.api_fastapi.logging.decorators import action_logging
from airflow.configuration import conf
from airflow.models import Connection, Variable
from airflow.utils.session import create_session
from sqlalchemy import select

from airflow_provider_orgauth.ui.teams import of_team_of_dag, team_rights

__all__ = [
    "BaseUser",
    "GetUserDep",
    "action_logging",
    "base_url",
    "connection_rows",
    "dag_rights",
    "get_user",
    "is_in_database",
    "permitted",
    "requires_access_connection",
    "tests_are_enabled",
    "variables",
]


def tests_are_enabled() -> bool:
    """Return whether this Airflow lets people test connections: ``[core] test_connection``."""
    return str(conf.get("core", "test_connection", fallback="Disabled")).lower().strip() == "enabled"


def base_url() -> str:
    """Return the URL under which people see this Airflow, as far as it was told."""
    return str(conf.get("api", "base_url", fallback=""))


def connection_rows(conn_type: str) -> list[Any]:
    """Return the connections of that type in the database."""
    with create_session() as session:
        rows = list(session.scalars(select(Connection).where(Connection.conn_type == conn_type)))
        session.expunge_all()
        return rows


def is_in_database(connection_id: str) -> bool:
    """Return whether there is a row of that connection."""
    with create_session() as session:
        return session.scalar(select(Connection.conn_id).where(Connection.conn_id == connection_id)) is not None


def permitted(ids: Iterable[str], user: Any, *, rows: Iterable[str]) -> set[str]:
    """Return those of ``ids`` that ``user`` may see, as the list of connections decides.

    :param rows: the ids of the database, whose teams Airflow knows.
    """
    ids, in_database = set(ids), set(rows)
    manager = get_auth_manager()
    if not hasattr(manager, "get_authorized_connections"):  # Airflow 3.1, whose list shows all to who may see any
        return {one for one in ids if _is_permitted(manager, one, user)}
    seen: set[str] = manager.get_authorized_connections(user=user, method="GET")
    others = manager.filter_authorized_connections(conn_ids=ids - in_database, user=user, method="GET")
    return (ids & in_database & seen) | others


def _is_permitted(manager: Any, connection_id: str, user: Any) -> bool:
    details = ConnectionDetails(conn_id=connection_id)
    return bool(manager.is_authorized_connection(method="GET", details=details, user=user))


def dag_rights(user: Any) -> Callable[[str], bool]:
    """Return a function that says whether ``user`` may see a DAG; it asks once for each."""
    manager = get_auth_manager()

    def may_see(dag_id: str) -> bool:
        details = DagDetails(id=dag_id, **of_team_of_dag(dag_id))
        return bool(manager.is_authorized_dag(method="GET", details=details, user=user))

    return cache(may_see)


def variables(user: Any, *prefixes: str) -> Iterator[tuple[str, str | None]]:
    """Yield key and text of the Variables whose keys begin with one of ``prefixes``, but for those of others' teams."""
    may_see_team = team_rights(user)
    with create_session() as session:
        for prefix in prefixes:
            found = select(Variable).where(Variable.key.startswith(prefix, autoescape=True))
            for row in session.scalars(found):
                if may_see_team(getattr(row, "team_name", None)):
                    text: str | None = row.val  # None where another Fernet key encrypted it
                    yield row.key, text
