"""Waits in a real Airflow, of any version, end as they should: in workers, without one, in the triggerer; jobs, too."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from harness import PROJECT, poll_until, version_under_test
from triggerers import SOON, Triggerers, arguments_of_triggers

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))

from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

pytestmark = pytest.mark.airflow

DAG_ID, CONN_ID = "ended_waits", "ended_waits"
WAYS = ("poke", "reschedule", "deferrable")
STATES = {"met": "success", "failed": "failed", "timed_out": "failed", "skipped": "skipped"}
JOBS = ("job", "deferrable_job")
SAID = {
    "failed": ('answered 200, status = "CANCEL"', "WaitFailedError"),
    "timed_out": ("exceeds the specified timeout of 39", 'The last answer was: 200, status = "RUN".'),
}
UNHEARD = {
    "AIRFLOW__METRICS__STATSD_ON": "True",
    "AIRFLOW__METRICS__STATSD_HOST": "no-such-host.invalid",
    "AIRFLOW__METRICS__METRICS_ALLOW_LIST": "orgauth",
}
"""Metrics that go nowhere: every task and every wait here must end as if there were none."""
PATIENCE_SECONDS = 1200
"""2.11 runs one task after the other here."""


@pytest.fixture(scope="module")
def emulator():
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def airflow(make_airflow, emulator):
    """Return a running Airflow without a triggerer of its own, and its triggerers, of which one runs."""
    dags = [PROJECT / "tests" / "airflow" / "dags" / name for name in ("ended_waits.py", "job_dags.py")]
    airflow = make_airflow(dags=dags, env={**SOON, **UNHEARD, "PYTHONPATH": str(PROJECT)})
    with Triggerers(airflow) as triggerers:
        triggerers.start()
        airflow.start(triggerer=False)
        airflow.put_connection(CONN_ID, **json.loads(emulator.connection_json()))
        yield airflow, triggerers


@pytest.fixture(scope="module")
def ran(airflow, emulator):
    """Run them all, and return the Airflow and the id of the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", emulator.connection_json(cache="memory"))
        for steps in [*([{"status": end, "polls": 2}] for _ in WAYS for end in ("FINISH", "CANCEL")), []]:
            emulator.script_shipments(*steps)
            OrgAuthHook().run("/api/v1/organization/shipment/create", method="POST", json={"deviceIds": [1, 2]})
    server, _ = airflow
    run_id = server.trigger(DAG_ID, {"conn": CONN_ID})
    assert server.wait(DAG_ID, run_id, timeout=PATIENCE_SECONDS) == "failed"
    return server, run_id


def test_each_task_ends_as_it_should_at_its_first_try_and_once(ran):
    server, run_id = ran
    states = server.task_states(DAG_ID, run_id)
    expected = {f"{way}_{end}": state for way in WAYS for end, state in STATES.items()}

    assert states == {**expected, **dict.fromkeys(JOBS, "success")}
    assert set(server.task_tries(DAG_ID, run_id).values()) == {1}
    for _ in poll_until("a callback did not run", 60):  # it does after the task has its state
        ended = Counter((server.root / "ended.txt").read_text().splitlines())
        if len(ended) >= len(states):
            break
    # For a skip, 2.11 calls back as for a success, too, whoever skips.
    twice = (
        [task_id for task_id, state in states.items() if state == "skipped"] if version_under_test() < (3, 0) else []
    )
    assert ended == {f"{run_id} {task_id}": 1 + (task_id in twice) for task_id in states}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_found_is_returned_and_what_went_wrong_is_said(ran, way):
    server, run_id = ran
    rows = server.xcom_rows(DAG_ID, run_id)
    results = {row["task_id"]: row["value"] for row in rows if row["key"] == "return_value"}

    assert results[f"{way}_met"] == "FINISH"
    for end, texts in SAID.items():
        log = server.task_log(DAG_ID, run_id, f"{way}_{end}")
        assert [text for text in texts if text not in log.replace('\\"', '"')] == [], log[-3000:]


def test_a_job_is_submitted_once(ran, emulator):
    server, run_id = ran
    rows = server.xcom_rows(DAG_ID, run_id)
    results = {row["task_id"]: row["value"] for row in rows if row["key"] == "return_value"}

    assert {task_id: results[task_id] for task_id in JOBS} == dict.fromkeys(JOBS, "DONE")
    assert [job["status"] for job in emulator.jobs()] == ["DONE"] * len(JOBS)


def test_what_was_deferred_was_with_the_triggerer(ran):
    server, run_id = ran
    deferred = {
        task_id
        for task_id in server.task_states(DAG_ID, run_id)
        if "Pausing task as DEFERRED" in server.task_log(DAG_ID, run_id, task_id)
    }

    assert deferred == {f"deferrable_{end}" for end in (*STATES, "job")}


def test_metrics_were_tried_and_went_nowhere(ran):
    server, _ = ran
    told = "Could not configure StatsClient"
    components = {file.stem: file.read_text() for file in (server.logs_folder / "components").glob("*.log")}

    assert {name for name, log in components.items() if told in log} >= {"scheduler", "triggerer-1"}


def test_a_job_outlives_the_triggerer_that_waits_for_it(airflow, emulator):
    server, triggerers = airflow
    before = len(emulator.jobs())
    emulator.settings(job_polls=0, job_seconds=0)  # it runs for ever
    run_id = server.trigger("job_triggerer", {"conn": CONN_ID})
    for _ in poll_until("the triggerer does not look", PATIENCE_SECONDS):
        polls = [job["polls"] for job in emulator.jobs()[before:]]
        if server.task_states("job_triggerer", run_id) == {"job": "deferred"} and max(polls, default=0) > 2:
            break  # the worker has looked once
    (triggerer,) = triggerers.keep(1)
    triggerers.kill(triggerer)
    triggerers.start()
    (job,) = emulator.jobs()[before:]
    emulator.script_jobs({"status": "DONE", "polls": 2}, job_id=job["jobId"])

    state = server.wait("job_triggerer", run_id, timeout=PATIENCE_SECONDS)
    assert state == "success", server.task_log("job_triggerer", run_id, "job")[-3000:]
    assert server.task_tries("job_triggerer", run_id) == {"job": 1}
    assert len(emulator.jobs()) == before + 1


def test_no_secret_is_in_the_database_or_a_log(ran, emulator):
    server, _ = ran
    search = SecretSearch()
    search.add_client("client", emulator.client_id, emulator.client_secret)
    assert search.found(server.dump_everything()) == []
    assert search.found(arguments_of_triggers(server)) == []
