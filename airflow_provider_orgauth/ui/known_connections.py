"""Which ``orgauth`` connections there are: of the database, of the environment, and those that have had a token."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.hooks.connection import ConnectionSettings, read_connection
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE

ENVIRONMENT_PREFIX = "AIRFLOW_CONN_"

Source = Literal["database", "environment", "secrets backend"]


@dataclass(frozen=True, slots=True)
class KnownConnection:
    """A connection, and what it says.

    :param settings: None where it cannot be read, or where this process did not look.
    :param problem: why it cannot be read, and what to do.
    """

    connection_id: str
    source: Source
    settings: ConnectionSettings | None = None
    problem: str = ""


def known_connections(
    rows: Iterable[Any], environment: Mapping[str, str], with_state: Iterable[str]
) -> Iterator[KnownConnection]:
    """Yield each connection once, from where Airflow finds it first.

    :param rows: of the database.
    :param environment: of this process.
    :param with_state: the ids of those that had a token. What is in neither of the others comes from a secrets backend.
    """
    by_id = {row.conn_id: _read(row.conn_id, "database", row) for row in rows}
    by_id |= {known.connection_id: known for known in _of_environment(environment)}
    for connection_id in with_state:
        by_id.setdefault(connection_id, KnownConnection(connection_id, "secrets backend"))
    yield from by_id.values()


def environment_ids(environment: Mapping[str, str] = os.environ) -> set[str]:
    """Return the ids of the ``orgauth`` connections in the environment."""
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower()
        for name, text in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and _type_of(text) == CONNECTION_TYPE
    }


def _of_environment(environment: Mapping[str, str]) -> Iterator[KnownConnection]:
    from airflow.models import Connection

    for connection_id in environment_ids(environment):
        text = environment[f"{ENVIRONMENT_PREFIX}{connection_id.upper()}"]
        try:
            is_json = text.lstrip().startswith("{")
            made = Connection.from_json(text, conn_id=connection_id) if is_json else Connection(connection_id, uri=text)
        except Exception as error:  # whatever Airflow makes of the text; its words may quote it
            problem = f"The environment variable {ENVIRONMENT_PREFIX}{connection_id.upper()} is no connection"
            yield KnownConnection(connection_id, "environment", problem=f"{problem} ({type(error).__name__}).")
        else:
            yield _read(connection_id, "environment", made)


def _type_of(text: str) -> str | None:
    try:
        if text.lstrip().startswith("{"):
            about = json.loads(text)
            return about.get("conn_type") if isinstance(about, dict) else None
        return urlsplit(text).scheme
    except (ValueError, RecursionError):
        return None


def _read(connection_id: str, source: Source, connection: Any) -> KnownConnection:
    try:
        return KnownConnection(connection_id, source, read_connection(connection))
    except OrgAuthError as error:
        return KnownConnection(connection_id, source, problem=str(error))
    except Exception as error:  # a row of another Fernet key, for example
        problem = f"This connection cannot be read here ({type(error).__name__}): save it again in Admin > Connections."
        return KnownConnection(connection_id, source, problem=problem)
