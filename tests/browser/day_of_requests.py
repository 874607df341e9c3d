"""A record of a day's requests, as tasks would have left it: so that pictures show what a day looks like."""

from __future__ import annotations

import time

from airflow.models import Connection

from airflow_provider_orgauth.cache.state_record import state_to_text
from airflow_provider_orgauth.cache.state_store import state_key
from airflow_provider_orgauth.cache.token_state import Hour, TokenState
from airflow_provider_orgauth.hooks.connection import read_connection

TOO_MANY = {3: 14, 4: 41, 23: 9}
"""Of which hour of the 24, how many."""


def day_of_requests(connection: str) -> dict[str, str]:
    """Return the Variable with the record, as Airflow's API takes it.

    :param connection: in JSON.
    """
    client = read_connection(Connection.from_json(connection)).client
    state = TokenState(server=client.token_server, token_server=client.token_server, hours=_hours())
    return {"key": state_key(client), "value": state_to_text(state)}


def _hours() -> tuple[Hour, ...]:
    first = int(time.time() // 3600) - 23
    return tuple(
        Hour(
            hour=first + place,
            requests=12,
            failures=3 if place == 8 else 0,
            api_requests=200 + 90 * (place * place % 11),
            api_too_many=TOO_MANY.get(place, 0),
            api_waits=4 * TOO_MANY.get(place, 0),
        )
        for place in range(1, 24)  # not in the first one, which is out of sight when an hour begins meanwhile
    )
