"""Tasks in processes of their own share one token: counted by the emulator, on Airflow 3.3."""

from __future__ import annotations

import json

import pytest
from harness import poll_until

pytestmark = pytest.mark.airflow


@pytest.fixture
def connect(airflow3, orgauth_emulator):
    """Return a function that makes a connection to the emulator and returns its id."""

    def make(conn_id, *, password=None, **extra):
        airflow3.put_connection(
            conn_id,
            conn_type="orgauth",
            host=orgauth_emulator.url,
            login=orgauth_emulator.client_id,
            password=password or orgauth_emulator.client_secret,
            extra=json.dumps(extra),
        )
        return conn_id

    return make


@pytest.fixture
def run(airflow3):
    """Return a function that runs a DAG to its end and returns its run id and state."""

    def trigger(dag_id, **conf):
        run_id = airflow3.trigger(dag_id, conf)
        return run_id, airflow3.wait(dag_id, run_id)

    return trigger


def test_20_tasks_that_start_together_take_one_token_request_and_the_next_run_none(
    airflow3, connect, run, orgauth_emulator
):
    conn = connect("orgauth_fleet")
    run_id, state = run("fleet", conn=conn)

    assert state == "success", airflow3.task_log("fleet", run_id, "call", 0)
    stats = orgauth_emulator.stats()
    assert stats["api_requests"] == 20
    assert stats["token_requests"] == 1
    assert run("fleet", conn=conn)[1] == "success"
    assert orgauth_emulator.stats()["api_requests"] == 40
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_the_token_is_sealed_with_a_key_in_a_variable_that_airflow_masks(airflow3, connect, run, orgauth_emulator):
    run("chain", conn=connect("orgauth_variable"))

    stored = airflow3.variables()
    sealed = [stored[key] for key in stored if key.startswith("orgauth_shared_")]
    assert sealed
    assert not any("access_token" in text for text in sealed)
    keys = [key for key in stored if key.startswith("orgauth_token_key_")]
    assert keys
    assert {airflow3.api("GET", f"/variables/{key}")["value"] for key in keys} == {"***"}


@pytest.mark.parametrize(("cache", "token_requests"), [("variable", 1), ("xcom", 1), ("memory", 4)])
def test_tasks_of_one_run_use_the_first_ones_token(airflow3, connect, run, orgauth_emulator, cache, token_requests):
    run_id, state = run("chain", conn=connect(f"orgauth_{cache}", cache=cache))

    assert state == "success", airflow3.task_states("chain", run_id)
    stats = orgauth_emulator.stats()
    assert stats["api_requests"] == 4
    # "pick" runs beside "first", where it can see no XCom of it
    assert stats["token_requests"] in ({1, 2} if cache == "xcom" else {token_requests})
    calls = [request for request in orgauth_emulator.requests() if request["path"].endswith("/profile")]
    assert sorted(tuple(request["query"]) for request in calls) == [(), ("of",)]  # and no DAG params


def test_a_token_in_xcom_is_encrypted(airflow3, connect, run, orgauth_emulator):
    run_id, _ = run("chain", conn=connect("orgauth_xcom", cache="xcom"))

    rows = [row for row in airflow3.xcom_rows("chain", run_id) if row["key"].startswith("orgauth_token_")]
    assert rows
    assert all(row["value"].startswith("gAAAA") for row in rows)


@pytest.mark.parametrize("cache", ["variable", "xcom"])
def test_the_second_try_of_a_task_uses_the_token_of_the_first(airflow3, connect, run, orgauth_emulator, cache):
    run_id, state = run("second_try", conn=connect(f"orgauth_{cache}", cache=cache))

    assert state == "success"
    assert airflow3.task_tries("second_try", run_id) == {"flaky": 2}
    assert orgauth_emulator.stats()["token_requests"] == 1


@pytest.mark.parametrize(
    ("about", "settings", "said"),
    [
        ({"password": "wrong"}, {}, "Check Client ID and Client secret"),
        ({"timeout": "soon"}, {}, "timeout (Timeout (s)): is 'soon'. Write a number"),
        ({}, {"api_scope_enabled": False}, "Ask the server's administrator"),
    ],
    ids=["wrong secret", "wrong field", "403"],
)
def test_what_cannot_get_better_fails_at_once_and_the_log_ends_with_what_to_do(
    airflow3, connect, run, orgauth_emulator, about, settings, said
):
    orgauth_emulator.settings(**settings)
    run_id, state = run("failing", conn=connect("orgauth_failing", **about))

    assert state == "failed"
    assert airflow3.task_tries("failing", run_id) == {"operator": 1, "taskflow": 1}
    for task_id in ("operator", "taskflow"):
        log = airflow3.task_log("failing", run_id, task_id)
        errors = [json.loads(line)["event"] for line in log.splitlines() if '"level":"error"' in line]
        assert said in errors[-1].replace("\n", " "), log[-3000:]


def test_results(airflow3, connect, run, orgauth_emulator):
    connect("orgauth_default")
    orgauth_emulator.fault("slow", "/api/v1/organization/slow", delay=60)
    run_id, _ = run("results")

    states = airflow3.task_states("results", run_id)
    assert states == {
        "devices": "success",
        "too_large": "failed",
        "not_pushed": "success",
        "empty": "success",
        "stopped": "failed",
    }
    returned = {row["task_id"]: row for row in airflow3.xcom_rows("results", run_id) if row["key"] == "return_value"}
    assert set(returned) == {"devices"}  # None is not pushed
    assert [device["token"] for device in returned["devices"]["value"]["content"]] == ["***", "***"]
    assert "max_result_bytes" in airflow3.task_log("results", run_id, "too_large")
    assert "AirflowTaskTimeout" in airflow3.task_log("results", run_id, "stopped")
    assert "The answer: " in airflow3.task_log("results", run_id, "devices")
    links = airflow3.api("GET", f"/dags/results/dagRuns/{run_id}/taskInstances/devices/links")["extra_links"]
    assert links == {"Connection": f"{airflow3.url}/connections?name_pattern=orgauth_default"}


def test_a_task_that_is_killed_ends_its_wait(airflow3, connect, orgauth_emulator):
    orgauth_emulator.fault("status", "/api/v1/organization/profile", status=503, headers={"Retry-After": "60"}, times=0)
    run_id = airflow3.trigger("killed", {"conn": connect("orgauth_killed")})
    for _ in poll_until("the task does not wait", 60):
        if "trying again in" in airflow3.task_log("killed", run_id, "waiting"):
            break
    airflow3.api("PATCH", f"/dags/killed/dagRuns/{run_id}", json={"state": "failed"})

    for _ in poll_until("the task did not end its wait", 30):
        if "The task was stopped" in airflow3.task_log("killed", run_id, "waiting"):
            break
    assert orgauth_emulator.stats()["faults"] == {"status": 1}  # it was not sent again
