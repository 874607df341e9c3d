"""``call``: one request, and its answer with credentials masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.response import parsed, search
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.commands.running import Result
from airflow_provider_orgauth.commands.terminal_user import terminal_user
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.database_hook import DatabaseHook

if TYPE_CHECKING:
    from argparse import Namespace


def result_of(args: Namespace) -> Result:
    """Send the request; return the answer."""
    response = DatabaseHook(args.conn_id, user=terminal_user()).run(
        args.endpoint,
        method=args.method.upper(),
        params=dict(pairs("--param", args.param, "=")),
        json=None if args.data is None else json_of("--data", args.data),
        headers=dict(pairs("--header", args.header, ":")),
    )
    answer = parsed(response)
    if args.filter is not None:
        answer = search(args.filter, answer, "--filter")
    return Result(masked(answer)[0])


def pairs(argument: str, given: Iterable[str] | None, separator: str) -> list[tuple[str, str]]:
    """Return names and values.

    :param argument: its name, for an error.
    :raises ConfigurationError: one has no separator.
    """
    found = []
    for one in given or ():
        name, between, value = one.partition(separator)
        if not between or not name.strip():
            raise ConfigurationError(argument, "has no name and value", advice=f"Write NAME{separator}VALUE.")
        found.append((name.strip(), value.strip() if separator == ":" else value))
    return found


def json_of(argument: str, text: str) -> Any:
    """Return a JSON value.

    :raises ConfigurationError: it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationError(argument, "is not JSON", advice='Write it as {"name": "value"}.') from None
