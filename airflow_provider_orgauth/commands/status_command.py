"""``status``: which token is valid until when. It reads only, asks no server, and shows no token."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.commands.connection_ids import connection_ids
from airflow_provider_orgauth.commands.database_hook import settings_of
from airflow_provider_orgauth.commands.each_connection import each_connection
from airflow_provider_orgauth.commands.running import Result

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.hooks.connection import ConnectionSettings
    from airflow_provider_orgauth.oauth.token import Token

NOT_TO_BE_SEEN = "not visible here"
"""Of a token in XCom or in a process's memory."""


def result_of(args: Namespace) -> Result:
    """Return a row for each connection."""
    return each_connection(args.conn_ids or connection_ids(), lambda conn_id: (facts(settings_of(conn_id)), False))


def facts(settings: ConnectionSettings, clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """Return what is known of a connection's shared token.

    :param clock: epoch seconds.
    """
    row: dict[str, Any] = {"state": NOT_TO_BE_SEEN, "valid_until": None, "seconds_left": None, "age": None}
    if settings.cache == "variable":
        row |= _of_shared(settings, clock())
    return {**row, "server": settings.server.origin, "cache": settings.cache, "message": None}


def _of_shared(settings: ConnectionSettings, now: float) -> dict[str, Any]:
    from airflow_provider_orgauth.cache.database_variable import DatabaseVariable
    from airflow_provider_orgauth.cache.store_choice import shared_texts
    from airflow_provider_orgauth.oauth.store import Reach

    store = shared_texts(settings.client, variable=DatabaseVariable)
    token = store.load()
    if token is None:
        return {"state": "none" if store.reach is not Reach.NONE else "unreadable"}
    return {
        "state": _state(token, now),
        "valid_until": datetime.fromtimestamp(token.expires_at, UTC).isoformat(timespec="seconds"),
        "seconds_left": max(0, round(token.expires_at - now)),
        "age": round(now - token.issued_at),
    }


def _state(token: Token, now: float) -> str:
    return "valid" if token.is_alive(now) else "expired"
