"""Airflow's link to what a sensor polls: there while it waits, and afterwards."""

from __future__ import annotations

import json
import subprocess

import pytest
from harness import PROJECT, poll_until

pytestmark = pytest.mark.airflow

PROFILE = "/api/v1/organization/profile"
DAGS = PROJECT / "tests" / "airflow" / "dags" / "polled_link_dags.py"

# What 2.11's web server does to show links: it has what was serialized, and the database.
LINKS_OF_211 = """
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
with create_session() as session:
    dag = SerializedDagModel.get_dag("polled_link_done", session)
    for ti in session.query(TaskInstance).filter_by(dag_id="polled_link_done"):
        print("LINK", ti.task_id, dag.get_task(ti.task_id).get_extra_links(ti, "Polled URL"))
"""


def links(airflow3, dag_id, run_id, task_id):
    return airflow3.api("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/links")["extra_links"]


@pytest.fixture
def connection(orgauth_emulator):
    return {
        "conn_type": "orgauth",
        "host": orgauth_emulator.url,
        "login": orgauth_emulator.client_id,
        "password": orgauth_emulator.client_secret,
        "extra": json.dumps({"cache": "memory"}),
    }


def test_it_is_there_while_a_sensor_waits(airflow3, orgauth_emulator, connection):
    airflow3.put_connection("orgauth_polled", **connection)
    dag_id = "polled_link_waiting"
    run_id = airflow3.trigger(dag_id)
    waiting = {"poke": "running", "reschedule": "up_for_reschedule", "deferrable": "deferred"}
    for _ in poll_until("the sensors do not wait", 60):
        # The link first: it is there before the first look, and in poke mode nothing is pushed after it.
        found = {task_id: links(airflow3, dag_id, run_id, task_id)["Polled URL"] for task_id in waiting}
        if airflow3.task_states(dag_id, run_id) == waiting and all(found.values()):
            break
    airflow3.api("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"})

    assert set(found.values()) == {f"{orgauth_emulator.url}{PROFILE}?of={dag_id}"}


def test_it_is_there_afterwards_without_a_credential(airflow3, orgauth_emulator, connection):
    airflow3.put_connection("orgauth_polled", **connection)
    dag_id = "polled_link_done"
    run_id = airflow3.trigger(dag_id)

    assert airflow3.wait(dag_id, run_id) == "success", airflow3.task_log(dag_id, run_id, "done")[-3000:]
    assert links(airflow3, dag_id, run_id, "done")["Polled URL"] == f"{orgauth_emulator.url}{PROFILE}?of={dag_id}"
    assert links(airflow3, dag_id, run_id, "hidden")["Polled URL"] == f"{orgauth_emulator.url}{PROFILE}"
    assert "s3cr3t" not in str(airflow3.xcom_rows(dag_id, run_id))


def test_on_2_11_too(airflow211, orgauth_emulator, connection, monkeypatch):
    monkeypatch.setitem(airflow211.env, "AIRFLOW_CONN_ORGAUTH_POLLED", json.dumps(connection))
    airflow211.add_dags(DAGS)
    try:
        done = airflow211.dags_test("polled_link_done")
        airflow211.cli("dags", "reserialize")
        shown = subprocess.run(
            [airflow211.python, "-c", LINKS_OF_211], env=airflow211.env, capture_output=True, text=True, check=True
        ).stdout
    finally:
        (airflow211.dags_folder / DAGS.name).unlink()

    assert done.state == "success", done.output[-3000:]
    assert f"LINK done {orgauth_emulator.url}{PROFILE}?of=polled_link_done\n" in shown
    assert f"LINK hidden {orgauth_emulator.url}{PROFILE}\n" in shown
