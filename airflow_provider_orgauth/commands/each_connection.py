"""A row for each connection that a command is about: one that fails does not keep the others from their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from airflow_provider_orgauth.commands.running import Result
from airflow_provider_orgauth.commands.terminal_user import terminal_user
from airflow_provider_orgauth.compat import AirflowException
from airflow_provider_orgauth.hooks.database_hook import DatabaseHook

Facts = dict[str, Any]


def each_connection(conn_ids: Iterable[str], facts_of: Callable[[DatabaseHook], tuple[Facts, bool]]) -> Result:
    """Return a row for each connection.

    :param facts_of: returns the rest of the row, and whether the command failed there.
    """
    rows, has_failed, user = [], False, terminal_user()
    for conn_id in conn_ids:
        try:
            facts, failed = facts_of(DatabaseHook(conn_id, user=user))
        except AirflowException as error:
            facts, failed = {"state": "error", "message": str(error)}, True
        rows.append({"conn_id": conn_id, **facts})
        has_failed = has_failed or failed
    return Result(rows, has_failed)
