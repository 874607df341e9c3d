"""Watchers in real triggerers of Airflow 3.3: one look for all, an event for each, and once per change."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from harness import PROJECT, ProcessSession, poll_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))

from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import running_emulator

pytestmark = pytest.mark.airflow

DAGS = ("example_dags/example_orgauth_alert.py", "tests/airflow/dags/watching_dags.py")
SOON = {
    # A watcher begins or ends when its file is parsed after the DAG was unpaused or paused.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3",
    # Another triggerer takes the watchers of one that was not heard of for so many seconds.
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
    # On a busy machine, Airflow itself gives a task up that has not begun.
    "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "2",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",
}
WATCHERS, INTERVAL_SECONDS, WATCHED_SECONDS = 100, 2, 20
AT_MOST_SECONDS = 240
"""A triggerer's first question to Airflow's database takes half a minute where others keep the machine busy."""


@pytest.fixture(scope="module")
def emulator():
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def airflow(make_airflow3, emulator):
    airflow = make_airflow3(dags=[PROJECT / name for name in DAGS], env={**SOON, "PYTHONPATH": str(PROJECT)})
    airflow.start(triggerer=False)
    connection = json.loads(emulator.connection_json())
    airflow.put_connection(
        "orgauth_default", **{**connection, "extra": json.dumps({**connection.get("extra", {}), "cache": "memory"})}
    )
    return airflow


@pytest.fixture
def triggerer(airflow):
    """Return a function that starts a triggerer; all are killed in the end."""
    sessions = []

    def start():
        log = airflow.logs_folder / "components" / "triggerer.log"
        command = [*airflow.airflow, "triggerer", "--skip-serve-logs"]
        sessions.append(ProcessSession("airflow triggerer", command, env=airflow.env, log=log))
        return sessions[-1]

    yield start
    for session in sessions:
        session.stop()


def unpause(airflow, dag_id):
    for _ in poll_until(f"no DAG {dag_id}", AT_MOST_SECONDS):
        if airflow.query("SELECT 1 FROM serialized_dag WHERE dag_id = ?", dag_id):
            break
        airflow.check_import_errors()
    airflow.api("PATCH", f"/dags/{dag_id}", json={"is_paused": False})


def pause(airflow, dag_id):
    airflow.api("PATCH", f"/dags/{dag_id}", json={"is_paused": True})


def events(airflow, prefix):
    return airflow.query(
        "SELECT a.name, e.extra FROM asset_event e JOIN asset a ON a.id = e.asset_id WHERE a.name LIKE ?", prefix + "%"
    )


def wait_for_events(airflow, prefix, number, seconds=AT_MOST_SECONDS):
    for _ in poll_until(f"not {number} events of {prefix}", seconds):
        if len(events(airflow, prefix)) >= number:
            return
    raise AssertionError("poll_until ends with a return or an exception")


def states_kept(airflow):
    return airflow.query("SELECT key FROM asset_state_store")


def runs(airflow, dag_id):
    return airflow.query("SELECT run_id, state FROM dag_run WHERE dag_id = ?", dag_id)


def polls(emulator, device):
    return next((one["polls"] for one in emulator.devices() if one["deviceId"] == device), 0)


def test_the_example_runs_when_the_device_goes_offline(airflow, emulator, triggerer):
    emulator.script_device(1, {"connected": True})
    triggerer()
    unpause(airflow, "example_orgauth_alert")
    for _ in poll_until("the watcher does not look", AT_MOST_SECONDS):
        if states_kept(airflow):
            break
    assert events(airflow, "orgauth_device") == []
    emulator.script_device(1, {"connected": False})
    wait_for_events(airflow, "orgauth_device", 1)
    for _ in poll_until("the DAG does not run", AT_MOST_SECONDS):
        if [run["state"] for run in runs(airflow, "example_orgauth_alert")] == ["success"]:
            break
    (run,) = runs(airflow, "example_orgauth_alert")
    (event,) = events(airflow, "orgauth_device")
    change = json.loads(event["extra"])["payload"]["change"]
    (returned,) = [
        row["value"]
        for row in airflow.xcom_rows("example_orgauth_alert", run["run_id"])
        if row["key"] == "return_value"
    ]
    pause(airflow, "example_orgauth_alert")

    assert len(returned) == 1
    assert returned[0].endswith(f" is offline ({change}).")


def test_a_hundred_watchers_look_once_and_tell_once_each_over_a_kill(airflow, emulator, triggerer):
    emulator.script_device(7, {"connected": True})
    killed = triggerer()
    unpause(airflow, "watching")
    for _ in poll_until("not all watchers look", AT_MOST_SECONDS):
        if len(states_kept(airflow)) >= WATCHERS:
            break
    before, began = polls(emulator, 7), time.monotonic()
    time.sleep(WATCHED_SECONDS)
    looks, intervals = polls(emulator, 7) - before, (time.monotonic() - began) / INTERVAL_SECONDS
    emulator.script_device(7, {"connected": False})
    wait_for_events(airflow, "watched_", WATCHERS)
    time.sleep(15)  # until the state is written
    print(f"{looks} looks in {intervals:.1f} intervals")

    assert 0.5 * intervals <= looks <= 1.1 * intervals + 1
    assert len({event["name"] for event in events(airflow, "watched_")}) == WATCHERS
    for process in killed.members():
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    killed.stop()
    triggerer()
    emulator.script_device(7, {"connected": False})
    for _ in poll_until("the new triggerer does not look", AT_MOST_SECONDS):
        if polls(emulator, 7) > 3:
            break
    assert len(events(airflow, "watched_")) == WATCHERS
    # With the cache in memory, one for each process that asked: triggerers, and the example's task.
    assert emulator.stats()["token_requests"] <= 4
    search = SecretSearch()
    search.add_client("client", emulator.client_id, emulator.client_secret)
    kept = airflow.query("SELECT * FROM trigger") + airflow.query("SELECT * FROM asset_state_store")
    kept += airflow.query("SELECT * FROM asset_event")
    assert search.found(json.dumps(kept, default=str)) == []
    assert search.found(airflow.dump_everything()) == []
