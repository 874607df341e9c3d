"""``renew``: a new token for all tasks, by the rules by which they renew it themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_orgauth.client.token_errors import token_error_of
from airflow_provider_orgauth.commands.database_hook import DatabaseHook, settings_of
from airflow_provider_orgauth.commands.each_connection import Facts, each_connection
from airflow_provider_orgauth.commands.status_command import facts
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.token import Token

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.commands.running import Result
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings


def result_of(args: Namespace) -> Result:
    """Return a row for each connection."""
    return each_connection(args.conn_ids, _facts)


def _facts(conn_id: str) -> tuple[Facts, bool]:
    settings = settings_of(conn_id)
    insist_on_variable(settings)
    outcome = DatabaseHook(conn_id).renew_now()
    if outcome is None:
        return {**facts(settings), "message": "another process renews it at this moment"}, True
    if not isinstance(outcome, Token):
        raise token_error_of(outcome, settings.client, now=time.time())
    row = facts(settings)
    if row["state"] != "valid":
        return {**row, "message": "renewed, and not shared: --verbose shows why"}, True
    return {**row, "message": "renewed"}, False


def insist_on_variable(settings: ConnectionSettings) -> None:
    """Refuse a connection whose token no other process could see.

    :raises ConfigurationError: naming ``cache``.
    """
    if settings.cache != "variable":
        raise ConfigurationError(
            "cache (Share the token through)",
            f"is {settings.cache}: its tokens are those of single tasks",
            advice="Tasks renew them by themselves; set the field to variable to share one.",
        )
