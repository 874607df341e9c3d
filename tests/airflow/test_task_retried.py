"""In a real Airflow 3.3, a task's next try comes when the server said, and none comes where none can help."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

pytestmark = pytest.mark.airflow

PROFILE = "/api/v1/organization/profile"
ASKED_SECONDS = 8


@pytest.fixture
def connected(airflow3, orgauth_emulator):
    airflow3.put_connection(
        "orgauth_retried",
        conn_type="orgauth",
        host=orgauth_emulator.url,
        login=orgauth_emulator.client_id,
        password=orgauth_emulator.client_secret,
        extra=json.dumps({"cache": "memory", "max_attempts": 1}),
    )
    return airflow3


def moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("path", [PROFILE, "/oauth2/token"])
@pytest.mark.parametrize(("dag_id", "task_id"), [("retry_policy", "limited"), ("retry_policy_of_code", "wrapped")])
def test_the_next_try_comes_when_the_server_said(connected, orgauth_emulator, dag_id, task_id, path):
    orgauth_emulator.fault("status", path, status=429, headers={"Retry-After": str(ASKED_SECONDS)})

    run_id = connected.trigger(dag_id)

    assert connected.wait(dag_id, run_id) == "success", connected.task_log(dag_id, run_id, task_id)[-3000:]
    tries = connected.api("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/tries")["task_instances"]
    first, second = sorted(tries, key=lambda one: one["try_number"])
    assert (moment(second["start_date"]) - moment(first["end_date"])).total_seconds() >= ASKED_SECONDS
    assert "the next try is in" in connected.task_log(dag_id, run_id, task_id)


@pytest.mark.parametrize(("dag_id", "task_id"), [("retry_policy", "limited"), ("retry_policy_of_code", "wrapped")])
def test_what_cannot_get_better_is_tried_once(connected, orgauth_emulator, dag_id, task_id):
    orgauth_emulator.fault("status", PROFILE, status=403, times=0)

    run_id = connected.trigger(dag_id)

    assert connected.wait(dag_id, run_id) == "failed"
    assert connected.task_tries(dag_id, run_id) == {task_id: 1}
