"""A job on real Airflow: its worker dies, its task is tried again, or cleared; with and without the triggerer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from harness import poll_until

pytestmark = pytest.mark.airflow

EXAMPLE = Path(__file__).parents[2] / "example_dags" / "example_orgauth_job.py"


@pytest.fixture
def conf(request, airflow3, orgauth_emulator):
    about = {"host": orgauth_emulator.url, "login": orgauth_emulator.client_id}
    airflow3.put_connection(
        "job_api", conn_type="orgauth", password=orgauth_emulator.client_secret, extra='{"cache": "memory"}', **about
    )
    return {"conn": "job_api"}


def returned(airflow, dag_id, run_id):
    return [row["value"] for row in airflow.xcom_rows(dag_id, run_id) if row["key"] == "return_value"]


def run(airflow, dag_id, conf):
    run_id = airflow.trigger(dag_id, conf)
    assert airflow.wait(dag_id, run_id) == "success", airflow.task_log(dag_id, run_id, "job")
    return run_id


@pytest.mark.parametrize("dag_id", ["job_worker", "job_triggerer"])
def test_a_retry_waits_for_the_same_job_and_a_cleared_task_for_another(airflow3, orgauth_emulator, conf, dag_id):
    orgauth_emulator.fault("status", "/job", status=404, times=1)
    run_id = run(airflow3, dag_id, conf)

    assert airflow3.task_tries(dag_id, run_id) == {"job": 2}
    assert returned(airflow3, dag_id, run_id) == [1]
    assert len(orgauth_emulator.jobs()) == 1

    airflow3.api(
        "POST",
        f"/dags/{dag_id}/clearTaskInstances",
        json={"dry_run": False, "dag_run_id": run_id, "only_failed": False},
    )
    assert airflow3.wait(dag_id, run_id) == "success", airflow3.task_log(dag_id, run_id, "job")

    assert returned(airflow3, dag_id, run_id) == [2]
    assert len(orgauth_emulator.jobs()) == 2


def test_a_worker_that_is_killed_leaves_the_job_to_the_next(airflow3, orgauth_emulator, conf):
    run_id = run(airflow3, "job_dies", conf)

    assert airflow3.task_tries("job_dies", run_id) == {"job": 2}
    assert returned(airflow3, "job_dies", run_id) == [1]
    assert len(orgauth_emulator.jobs()) == 1


def test_a_task_that_is_marked_as_failed_cancels_its_job(airflow3, orgauth_emulator, conf):
    orgauth_emulator.settings(job_polls=0, job_seconds=0)
    run_id = airflow3.trigger("job_worker", conf)
    for _ in poll_until("no look", 60):
        if orgauth_emulator.stats()["api_requests_by_route"].get("GET /job", 0) >= 2:
            break

    path = f"/dags/job_worker/dagRuns/{run_id}/taskInstances/job"
    airflow3.api("PATCH", path, json={"new_state": "failed"})
    for _ in poll_until("not cancelled", 60):
        if orgauth_emulator.jobs()[0]["status"] == "CANCELLED":
            break

    assert airflow3.wait("job_worker", run_id) == "failed"
    assert orgauth_emulator.stats()["api_requests_by_route"]["PUT /job/cancel"] == 1


def test_the_example_in_dags_test_of_2_11(airflow211, orgauth_emulator, tmp_path):
    airflow211.add_dags(EXAMPLE)
    airflow211.connections_add("orgauth_default", json.loads(orgauth_emulator.connection_json(cache="memory")))
    try:
        ran = airflow211.dags_test("example_orgauth_job", {"folder": str(tmp_path)})
    finally:
        (airflow211.dags_folder / EXAMPLE.name).unlink()

    assert ran.state == "success", ran
    assert len(orgauth_emulator.jobs()) == 1
    assert [path.name[:7] for path in tmp_path.iterdir()] == ["report-"]


def test_the_example_in_dags_test_of_3_3(make_airflow3, orgauth_emulator, tmp_path):
    airflow = make_airflow3(dags=[EXAMPLE])
    airflow.connections_add("orgauth_default", json.loads(orgauth_emulator.connection_json(cache="memory")))
    ran = airflow.dags_test("example_orgauth_job", {"folder": str(tmp_path)})

    assert ran.state == "success", ran
    assert len(orgauth_emulator.jobs()) == 1
    assert [path.name[:7] for path in tmp_path.iterdir()] == ["report-"]
