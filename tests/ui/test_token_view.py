"""What is sent to the page: numbers and words, in an order that puts first what needs a person."""

from __future__ import annotations

import json

from token_states import BY, NOW, failure, forgotten, known, renewal, state

from airflow_provider_orgauth.cache.token_state import MAX_HOURS, MAX_RENEWALS, Actor
from airflow_provider_orgauth.ui.hiding import hidden
from airflow_provider_orgauth.ui.token_view import detail_of, in_order, row_of


def test_a_row_has_what_a_person_looks_for():
    row = row_of(known(extra='{"rate_limit": 90}'), state(renewal(), failure=failure(ago=600)), None, now=NOW)

    assert row["connection_id"] == "my_api"
    assert row["server"] == "https://api.example.com"
    assert row["standing"] == "valid"
    assert row["renewal"] == {
        "issued_at": NOW - 60,
        "lifetime": 300.0,
        "grant": "client_credentials",
        "refresh_token_held": True,
        "generation": 7,
        "by": {
            "connection_id": "my_api",
            "host": "worker-1",
            "dag_id": "a_dag",
            "run_id": "a_run",
            "task_id": "a_task",
            "user": None,
        },
    }
    assert row["failure"]["message"] == "Check it."
    assert row["requests_per_minute"] == 90
    assert row["cache"] == "variable"


def test_no_row_has_a_secret():
    sent = json.dumps(detail_of(known(), state(renewal(), failure=failure()), None, now=NOW))

    assert "a-secret" not in sent
    assert known().settings.client.fingerprint not in sent


def test_requests_are_counted_in_their_hours():
    kept = state(renewal())
    for at, requests, failures in ((NOW - 30 * 3600, 9, 9), (NOW - 23 * 3600, 4, 0), (NOW - 3600, 2, 1), (NOW, 1, 0)):
        kept = kept.after_requests(requests, failures=failures, at=at)
    counted = row_of(known(), kept, None, now=NOW)["token_requests"]

    assert len(counted["all"]) == len(counted["failed"]) == 24
    assert (counted["all"][0], counted["all"][-2:]) == (4, [2, 1])
    assert (sum(counted["all"]), sum(counted["failed"])) == (7, 1)
    assert len(kept.hours) <= MAX_HOURS


def test_hours_of_the_future_are_dropped_when_a_clock_was_set_back():
    kept = state().after_requests(1, failures=0, at=NOW + 99 * 3600).after_requests(1, failures=0, at=NOW)

    assert [hour.requests for hour in kept.hours] == [1]


def test_a_forgotten_token_is_not_shown_as_one():
    assert row_of(known(), state(renewal(), forgotten=forgotten()), None, now=NOW)["renewal"] is None


def test_the_worst_comes_first():
    good = row_of(known(), state(renewal()), None, now=NOW)
    rows = [
        {"connection_id": "b", "standing": "valid"},
        {"connection_id": "a", "standing": "valid"},
        {"connection_id": "z", "standing": "refused"},
        {"connection_id": "y", "standing": "none"},
    ]

    assert [row["connection_id"] for row in in_order(rows)] == ["z", "a", "b", "y"]
    assert in_order([good]) == [good]


def test_the_last_tokens_are_kept_and_no_more():
    kept = state()
    for number in range(MAX_RENEWALS + 5):
        kept = kept.after_renewal(renewal(ago=0, generation=number))
    shown = detail_of(known(), kept, None, now=NOW)["renewals"]

    assert [one["generation"] for one in shown] == list(range(MAX_RENEWALS + 4, 4, -1))


def test_other_connections_and_dags_are_hidden_from_who_may_not_see_them():
    other = Actor(connection_id="secret_api", host="worker-2", dag_id="secret_dag", run_id="r", task_id="t")
    kept = state(renewal(by=other), failure=failure(), forgotten=forgotten(ago=500)).after_renewal(
        renewal(by=other, generation=9)
    )
    sent = detail_of(known(), kept, None, now=NOW)
    shown = hidden(sent, connections={"my_api"}, may_see_dag=lambda dag_id: dag_id == "a_dag")

    assert "secret" not in json.dumps(shown)
    assert shown["renewal"]["by"]["host"] == "worker-2"
    assert shown["failure"]["by"]["dag_id"] == "a_dag"
    assert hidden(sent, connections={"my_api", "secret_api"}, may_see_dag=lambda _: True) == sent


def test_no_other_connection_is_named_where_none_may_be_seen():
    kept = state(renewal(by=BY)).after_renewal(renewal(by=Actor(connection_id="other", host="h"), generation=9))
    row = row_of(known(), kept, None, now=NOW)

    assert row["shared_with"] == ["other"]
    assert hidden(row, connections={"my_api"}, may_see_dag=lambda _: True)["shared_with"] == []
