"""``status``: which token is valid until when, who renewed it, what failed. It reads only, and shows no token."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_orgauth.commands.connection_ids import connection_ids
from airflow_provider_orgauth.commands.each_connection import Facts, each_connection
from airflow_provider_orgauth.oauth.store import Reach

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.cache.token_state import Actor, TokenState
    from airflow_provider_orgauth.commands.running import Result
    from airflow_provider_orgauth.hooks.database_hook import DatabaseHook
    from airflow_provider_orgauth.oauth.token import Token

NOT_TO_BE_SEEN = "not visible here"
"""Of a token in XCom, in a process's memory, or of tasks of another team than the connection's."""


def result_of(args: Namespace) -> Result:
    """Return a row for each connection."""
    return each_connection(args.conn_ids or connection_ids(), lambda hook: (facts(hook), False))


def facts(hook: DatabaseHook, clock: Callable[[], float] = time.time) -> Facts:
    """Return what is known of a connection's shared token.

    :param clock: epoch seconds.
    """
    settings = hook.settings
    row = {"state": NOT_TO_BE_SEEN, **_of_token(None, clock()), **_of_record(None, None)}
    if settings.cache == "variable" and not hook.is_of_another_team():
        store = hook.shared
        token = store.load()
        none = "none" if store.reach is not Reach.NONE else "unreadable"
        state = none if token is None else "valid" if token.is_alive(clock()) else "expired"
        row |= {"state": state, **_of_token(token, clock()), **_of_record(hook.states.load(), token)}
    return {**row, "server": settings.server.origin, "cache": settings.cache, "message": None}


def _of_token(token: Token | None, now: float) -> Facts:
    return {
        "valid_until": None if token is None else _moment(token.expires_at),
        "seconds_left": None if token is None else max(0, round(token.expires_at - now)),
        "age": None if token is None else round(now - token.issued_at),
    }


def _of_record(record: TokenState | None, token: Token | None) -> Facts:
    """Return what the record says of this token, and of the last failure. Of two records that met, one is lost."""
    known = () if record is None or token is None else record.renewals
    renewal = next((one for one in known if token is not None and one.generation == token.generation), None)
    failure = None if record is None else record.failure
    return {
        "refresh_token_held": None if renewal is None else renewal.refresh_token_held,
        "renewed_by": None if renewal is None else _who(renewal.by),
        "renewed_on": None if renewal is None else renewal.by.host,
        "last_error": None if failure is None else failure.message,
        "last_error_at": None if failure is None else _moment(failure.at),
    }


def _who(by: Actor) -> str | None:
    """Return the task, or the user; None of a trigger, of which the host is known only."""
    if by.dag_id is not None:
        return f"{by.dag_id}.{by.task_id}"
    return None if by.user is None else f"user {by.user}"


def _moment(at: float) -> str | None:
    """Return a time as text; None of one that no calendar has: whoever may write Variables can have put it there."""
    if at >= datetime.max.replace(tzinfo=UTC).timestamp():
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
