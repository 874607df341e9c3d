"""``forget``: the shared token goes, and the next task asks for a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_orgauth.cache.database_variable import DatabaseVariable
from airflow_provider_orgauth.cache.store_choice import shared_key
from airflow_provider_orgauth.commands.database_hook import settings_of
from airflow_provider_orgauth.commands.each_connection import Facts, each_connection
from airflow_provider_orgauth.commands.renew_command import insist_on_variable

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.commands.running import Result


def result_of(args: Namespace) -> Result:
    """Return a row for each connection."""
    return each_connection(args.conn_ids, _facts)


def _facts(conn_id: str) -> tuple[Facts, bool]:
    settings = settings_of(conn_id)
    insist_on_variable(settings)
    # With it, all hosts drop their own copies, and the refresh token: see cache/shared_store.py.
    was_there = DatabaseVariable(shared_key(settings.client)).delete()
    return {"state": "forgotten" if was_there else "none", "server": settings.server.origin}, False
