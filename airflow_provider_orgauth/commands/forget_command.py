"""``forget``: the shared token goes, and the next task asks for a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_orgauth.commands.each_connection import Facts, each_connection

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.commands.running import Result
    from airflow_provider_orgauth.hooks.database_hook import DatabaseHook


def result_of(args: Namespace) -> Result:
    """Return a row for each connection."""
    return each_connection(args.conn_ids, _facts)


def _facts(hook: DatabaseHook) -> tuple[Facts, bool]:
    said = hook.forget()
    # That there was none is no failure: what was wanted is so.
    state = "forgotten" if said.done else "none"
    return {"state": state, "server": hook.origin, "message": said.says}, False
