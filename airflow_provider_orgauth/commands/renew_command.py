"""``renew``: a new token for all tasks, by the rules by which they renew it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_orgauth.commands.each_connection import Facts, each_connection
from airflow_provider_orgauth.commands.status_command import facts

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.commands.running import Result
    from airflow_provider_orgauth.hooks.database_hook import DatabaseHook


def result_of(args: Namespace) -> Result:
    """Return a row for each connection."""
    return each_connection(args.conn_ids, _facts)


def _facts(hook: DatabaseHook) -> tuple[Facts, bool]:
    said = hook.renew()
    return {**facts(hook), "message": said.says}, not said.done
