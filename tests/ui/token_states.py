"""States of tokens as renewals leave them, for tests of what the page says of them."""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth.cache.token_state import Actor, Failure, Forgotten, Renewal, TokenState
from airflow_provider_orgauth.hooks.connection import ConnectionSettings, read_connection
from airflow_provider_orgauth.ui.known_connections import KnownConnection

NOW = 1_766_000_000.0
BY = Actor(connection_id="my_api", host="worker-1", dag_id="a_dag", run_id="a_run", task_id="a_task")


class Row:
    """A connection's row, as Airflow's models have it."""

    def __init__(self, conn_id: str = "my_api", **fields: Any) -> None:
        self.conn_id = conn_id
        self.host, self.port, self.schema = "api.example.com", None, None
        self.login, self.password, self.extra = "an-id", "a-secret", None
        self.__dict__.update(fields)


def settings(**fields: Any) -> ConnectionSettings:
    return read_connection(Row(**fields))


def known(**fields: Any) -> KnownConnection:
    return KnownConnection("my_api", "database", settings(**fields))


def renewal(ago: float = 60.0, *, lifetime: float = 300.0, generation: int = 7, **fields: Any) -> Renewal:
    given = {"grant": "client_credentials", "refresh_token_held": True, "by": BY, **fields}
    return Renewal(issued_at=NOW - ago, lifetime=lifetime, generation=generation, **given)


def failure(ago: float = 10.0, *, is_permanent: bool = True) -> Failure:
    return Failure(at=NOW - ago, error="InvalidClientError", message="Check it.", is_permanent=is_permanent, by=BY)


def state(*renewals: Renewal, **fields: Any) -> TokenState:
    given = {"server": "https://api.example.com", "token_server": "https://api.example.com", **fields}
    return TokenState(renewals=renewals, connection_ids=("my_api",), **given)


def forgotten(ago: float = 10.0) -> Forgotten:
    return Forgotten(at=NOW - ago, by=BY)
