"""Look a connection up and read it, and say where it comes from if that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow_provider_orgauth.compat import AirflowNotFoundException
from airflow_provider_orgauth.exceptions import ConfigurationError, MissingConnectionError
from airflow_provider_orgauth.hooks.connection import ConnectionSettings, read_connection
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE, HOOK_NAME


def settings_of(org_conn_id: str, get_connection: Callable[[str], Any]) -> ConnectionSettings:
    """Return what the connection says.

    :param get_connection: Airflow's.
    :raises MissingConnectionError: there is none.
    :raises ConfigurationError: a field of it is wrong, or it is of another type and lacks what this one needs.
    """
    try:
        connection = get_connection(org_conn_id)
    except AirflowNotFoundException:
        connection = None
    if connection is None:
        raise MissingConnectionError(
            f"org_conn_id: Airflow knows no connection {org_conn_id!r}.",
            advice=(
                f"Make it in the UI (Admin, Connections, type {HOOK_NAME}), or as the environment variable "
                f"AIRFLOW_CONN_{org_conn_id.upper()}. If a secrets backend has it, the log says whether that answered."
            ),
        )
    try:
        return read_connection(connection)
    except ConfigurationError as error:
        conn_type = getattr(connection, "conn_type", None)
        if conn_type == CONNECTION_TYPE:
            raise
        problem = error
    raise ConfigurationError(
        "org_conn_id",
        f"names a connection of type {conn_type or 'none'}, and one of type {CONNECTION_TYPE} is needed "
        f"({problem.message.rstrip('.')})",
        advice=f"Choose the type {HOOK_NAME} in the connection {org_conn_id!r}, or name another connection.",
    )
