"""Watchers in real triggerers of Airflow 3: one look for all, an event for each, and once per change."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from harness import PROJECT, poll_until
from triggerers import Triggerers
from watched_assets import AT_MOST_SECONDS, KEEPS_STATE, PARSED_SOON, WatchedAssets

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))

from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import running_emulator

pytestmark = pytest.mark.airflow

DAGS = ("example_dags/example_orgauth_alert.py", "tests/airflow/dags/watching_dags.py")
SOON = {
    **PARSED_SOON,
    # Another triggerer takes the watchers of one that was not heard of for so many seconds.
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
    # On a busy machine, Airflow itself gives a task up that has not begun.
    "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "2",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",
}
WATCHERS, INTERVAL_SECONDS, WATCHED_SECONDS = 100, 2, 20
LOOKS_AT_WORK = 3
"""Where nothing is kept, so many looks say that a watcher is at work."""


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
def triggerers(airflow):
    with Triggerers(airflow) as triggerers:
        yield triggerers


def polls(emulator, device):
    return next((one["polls"] for one in emulator.devices() if one["deviceId"] == device), 0)


def wait_until_at_work(watched, emulator, *, device, number):
    """Wait until so many watchers have looked, and keep what they saw; before Airflow 3.3, until somebody looks."""
    for _ in poll_until("the watchers do not look", AT_MOST_SECONDS):
        if len(watched.kept()) >= number if KEEPS_STATE else polls(emulator, device) >= LOOKS_AT_WORK:
            return


def test_the_example_runs_when_the_device_goes_offline(airflow, emulator, triggerers):
    watched = WatchedAssets(airflow, "example_orgauth_alert", "orgauth_device")
    emulator.script_device(1, {"connected": True})
    triggerers.start()
    watched.unpause()
    wait_until_at_work(watched, emulator, device=1, number=1)
    assert watched.events() == []
    emulator.script_device(1, {"connected": False})
    watched.wait_for_events(1)
    for _ in poll_until("the DAG does not run", AT_MOST_SECONDS):
        if [run["state"] for run in watched.runs()] == ["success"]:
            break
    (run,) = watched.runs()
    (change,) = watched.changes()
    (returned,) = [
        row["value"] for row in airflow.xcom_rows(watched.dag_id, run["run_id"]) if row["key"] == "return_value"
    ]
    watched.pause()

    assert len(returned) == 1
    assert returned[0].endswith(f" is offline ({change}).")


def test_a_hundred_watchers_look_once_and_tell_once_each_over_a_kill(airflow, emulator, triggerers):
    watched = WatchedAssets(airflow, "watching", "watched_")
    emulator.script_device(7, {"connected": True})
    killed = triggerers.start()
    watched.unpause()
    wait_until_at_work(watched, emulator, device=7, number=WATCHERS)
    before, began = polls(emulator, 7), time.monotonic()
    time.sleep(WATCHED_SECONDS)
    looks, intervals = polls(emulator, 7) - before, (time.monotonic() - began) / INTERVAL_SECONDS
    emulator.script_device(7, {"connected": False})
    watched.wait_for_events(WATCHERS)
    time.sleep(15)  # until the state is written
    print(f"{looks} looks in {intervals:.1f} intervals")

    assert 0.5 * intervals <= looks <= 1.1 * intervals + 1
    assert len({event["name"] for event in watched.events()}) == WATCHERS
    triggerers.kill(killed)
    triggerers.start()
    emulator.script_device(7, {"connected": False})
    for _ in poll_until("the new triggerer does not look", AT_MOST_SECONDS):
        if polls(emulator, 7) > LOOKS_AT_WORK:
            break
    assert len(watched.events()) == WATCHERS
    # With the cache in memory, one for each process that asked: triggerers, and the example's task.
    assert emulator.stats()["token_requests"] <= 4
    search = SecretSearch()
    search.add_client("client", emulator.client_id, emulator.client_secret)
    kept = airflow.query("SELECT * FROM trigger") + airflow.query("SELECT * FROM asset_event")
    kept += airflow.query("SELECT * FROM asset_state_store") if KEEPS_STATE else []
    assert search.found(json.dumps(kept, default=str)) == []
    assert search.found(airflow.dump_everything()) == []
