"""Which connections there are, and which state is whose."""

from __future__ import annotations

import json

from token_states import NOW, Row, failure, renewal, settings, state

from airflow_provider_orgauth.cache.state_record import state_to_text
from airflow_provider_orgauth.cache.state_store import state_key
from airflow_provider_orgauth.ui.known_connections import KnownConnection, environment_ids, known_connections
from airflow_provider_orgauth.ui.states import States

URI = "orgauth://id:pass@api.example.com"
AS_JSON = json.dumps({"conn_type": "orgauth", "host": "other.example.com", "login": "id", "password": "pass"})


def by_id(rows=(), environment=None, with_state=()):
    return {known.connection_id: known for known in known_connections(rows, environment or {}, with_state)}


def test_they_come_from_three_places():
    found = by_id([Row("in_db")], {"AIRFLOW_CONN_IN_ENV": URI, "AIRFLOW_CONN_AS_JSON": AS_JSON}, ["in_vault", "in_db"])

    assert {name: known.source for name, known in found.items()} == {
        "in_db": "database",
        "in_env": "environment",
        "as_json": "environment",
        "in_vault": "secrets backend",
    }
    assert found["in_env"].settings.server.origin == "https://api.example.com"
    assert found["as_json"].settings.server.origin == "https://other.example.com"


def test_the_environment_hides_the_database_as_for_tasks():
    found = by_id([Row("x", host="db.example.com")], {"AIRFLOW_CONN_X": URI})

    assert (found["x"].source, found["x"].settings.server.origin) == ("environment", "https://api.example.com")


def test_what_is_no_connection_of_ours_is_left_out():
    environment = {
        "AIRFLOW_CONN_PG": "postgres://a:b@h/d",
        "AIRFLOW_CONN_BAD": "{",
        "AIRFLOW_CONN_LIST": "[1]",
        "AIRFLOW_CONN_NULL": "null",
        "AIRFLOW_CONN_DEEP": '{"a":' * 5000,
        "AIRFLOW_CONN_HALF": "http://[",
        "HOME": URI,
    }
    assert environment_ids(environment) == set()


def test_one_that_cannot_be_read_says_why_without_its_words():
    found = by_id([Row("a", extra='{"timeout": "n0t-a-number"}'), Row("b", extra="n0-json")])

    assert "timeout" in found["a"].problem.lower()
    assert "extra" in found["b"].problem
    assert found["b"].settings is None


def states_with(**records):
    return States([(f"orgauth_state_{name}", text) for name, text in records.items()])


def test_a_state_belongs_to_the_client_of_the_connection():
    mine, other = settings(), settings(login="another-id")
    texts = [
        (state_key(mine.client), state_to_text(state(renewal(generation=1)))),
        (state_key(other.client), state_to_text(state(renewal(generation=2)))),
        (f"orgauth_lease_{other.client.name}abcd", "renewing:9:ab"),
        (f"orgauth_lease_{other.client.name}ef01", "renewed:3:ab"),
    ]
    kept, lease = States(texts).of(KnownConnection("x", "database", other))

    assert kept.renewals[0].generation == 2
    assert lease.generation == 9
    assert States(texts).of(KnownConnection("x", "database", mine))[1] is None


def test_of_one_that_was_not_read_it_is_the_newest_that_names_it():
    states = states_with(
        a=state_to_text(state(renewal(ago=500))),
        b=state_to_text(state(failure=failure(ago=5))),
        c=state_to_text(state(renewal(ago=100))),
    )
    kept, _ = states.of(KnownConnection("my_api", "secrets backend"))

    assert kept.failure.at == NOW - 5
    assert states.of(KnownConnection("nobody", "secrets backend")) == (None, None)


def test_broken_records_are_none():
    states = states_with(a="{", b=None, c="[]", d=state_to_text(state(renewal())))

    assert list(states.connection_ids()) == ["my_api"]
