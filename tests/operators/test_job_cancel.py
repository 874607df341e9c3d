"""A task that is killed cancels its job, once, and a next attempt does not wait for what was cancelled."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from job_runs import API, runs_on

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.compat import AirflowTaskTimeout
from airflow_provider_orgauth.operators import job_cancel

CANCEL = {"endpoint": f"{API}/job/cancel", "method": "PUT", "params": {"jobId": "{id}"}}


@pytest.fixture
def runs(orgauth_emulator, monkeypatch):
    orgauth_emulator.settings(job_polls=0, job_seconds=0, job_retry_after=0)
    runs = runs_on(orgauth_emulator, monkeypatch, keeps=True)
    runs.pause = None  # it waits in earnest, until it is killed
    return runs


@pytest.fixture
def when_it_waits(runs):
    """Return a function that runs an attempt, and does something to it in another thread, once it waits."""

    def attempt(action, **arguments):
        def act():
            deadline = time.monotonic() + 30
            while not runs.requests("/job") and time.monotonic() < deadline:
                time.sleep(0.005)
            action()

        acting = threading.Thread(target=act)
        acting.start()
        try:
            return runs.attempt(**arguments)
        finally:
            acting.join(30)

    return attempt


def killed(runs, when_it_waits, cancel=CANCEL):
    started = time.monotonic()
    with pytest.raises(errors.TaskStoppedError):
        when_it_waits(lambda: on_kill(runs), job={"cancel": cancel})
    assert time.monotonic() - started < 20


def on_kill(runs):
    runs.operator.on_kill()


def cancelled(runs):
    return [one for one in runs.requests() if one[1] == "/job/cancel"]


def test_it_is_sent_once(runs, when_it_waits, orgauth_emulator):
    def kill_twice():
        runs.operator.on_kill()
        runs.operator.on_kill()

    with pytest.raises(errors.TaskStoppedError):
        when_it_waits(kill_twice, job={"cancel": CANCEL})

    assert cancelled(runs) == [("PUT", "/job/cancel")]
    assert [job["status"] for job in orgauth_emulator.jobs()] == ["CANCELLED"]


def test_a_next_attempt_submits_a_job_of_its_own(runs, when_it_waits, orgauth_emulator):
    killed(runs, when_it_waits)
    assert runs.store.values == {}

    orgauth_emulator.settings(job_polls=1)
    assert runs.attempt()["id"] == 2


def test_without_cancel_a_next_attempt_waits_on(runs, when_it_waits, orgauth_emulator):
    killed(runs, when_it_waits, cancel=None)

    orgauth_emulator.settings(job_polls=1)
    assert runs.attempt()["id"] == 1


def test_what_could_not_be_cancelled_is_waited_for(runs, when_it_waits, orgauth_emulator, caplog):
    orgauth_emulator.fault("status", f"{API}/job/cancel", status=500, times=0)
    killed(runs, when_it_waits)

    assert "The job could not be cancelled: " in caplog.text
    orgauth_emulator.settings(job_polls=1)
    assert runs.attempt()["id"] == 1


def test_it_takes_no_longer_than_airflow_lets_it(runs, when_it_waits, orgauth_emulator, monkeypatch, caplog):
    monkeypatch.setattr(job_cancel, "CANCEL_WITHIN_SECONDS", 0.2)
    orgauth_emulator.fault("stall", f"{API}/job/cancel", delay=10)
    started = time.monotonic()

    killed(runs, when_it_waits)

    assert time.monotonic() - started < 5
    assert "was not answered within" in caplog.text
    assert runs.store.values != {}


def test_from_a_signal_handler(runs, when_it_waits):
    def terminate():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, lambda *_: runs.operator.on_kill())
    try:
        with pytest.raises(errors.TaskStoppedError):
            when_it_waits(terminate, job={"cancel": CANCEL})
    finally:
        signal.signal(signal.SIGTERM, before)

    assert len(cancelled(runs)) == 1
    assert runs.store.values == {}


def test_execution_timeout_cancels_as_well(runs, orgauth_emulator):
    def out_of_time(seconds):
        raise AirflowTaskTimeout("execution_timeout")

    runs.pause = out_of_time
    with pytest.raises(AirflowTaskTimeout):
        runs.attempt(job={"cancel": CANCEL})
    runs.operator.on_kill()  # as Airflow does, when execute has ended

    assert len(cancelled(runs)) == 1
    assert runs.store.values == {}


def test_what_has_ended_is_not_cancelled(runs, orgauth_emulator):
    """Its result might go with it."""
    orgauth_emulator.settings(job_polls=1)
    orgauth_emulator.fault("status", f"{API}/job/result", status=404, times=0)
    result = {"endpoint": f"{API}/job/result", "params": {"jobId": "{id}"}}

    def look_and_kill(response):
        runs.operator.on_kill()
        return True

    assert runs.attempt(job={"cancel": CANCEL}, response_check=look_and_kill)["status"] == "DONE"
    with pytest.raises(errors.ApiError, match="404"):
        runs.attempt(job={"cancel": CANCEL, "result": result})
    assert cancelled(runs) == []


def test_a_job_that_is_not_known_is_not_cancelled(runs, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/job/create", status=500)
    with pytest.raises(errors.ApiServerError):
        runs.attempt(job={"cancel": CANCEL})
    runs.operator.on_kill()
    assert cancelled(runs) == []
