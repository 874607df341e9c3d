"""A deferred sensor comes back from the triggerer: it ends as the other modes do, and at its time, whatever it gets."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from airflow_provider_orgauth.compat import AirflowSensorTimeout, AirflowSkipException, AirflowTaskTimeout, TaskDeferred
from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

PROFILE = "/api/v1/organization/profile"
CONTEXT = {"ti": SimpleNamespace(get_first_reschedule_date=lambda context: None, xcom_push=lambda **about: None)}


@pytest.fixture(autouse=True)
def connected(orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
    return orgauth_emulator


def sensor(**arguments):
    return OrgApiSensor(task_id="t", endpoint=PROFILE, deferrable=True, **{"until": "id == `0`"} | arguments)


def resumed(event, **arguments):
    return sensor(**arguments).resume_execution("resume", {"event": event}, dict(CONTEXT))


def needs_the_task(response, ti):
    """A function that a triggerer cannot call: it has no task."""
    return False


def after(seconds, **event):
    """Return an event of a wait that began so many seconds ago."""
    return {"v": 1, "polls": 1, "resume": {"began": time.time() - seconds, "looks": 1}, **event}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"timeout": 60}, AirflowSensorTimeout),
        ({"timeout": 60, "soft_fail": True}, AirflowSkipException),
        ({"execution_timeout": timedelta(seconds=60)}, AirflowTaskTimeout),
        ({"execution_timeout": timedelta(seconds=60), "soft_fail": True}, AirflowSkipException),
    ],
    ids=["timeout", "timeout, soft_fail", "execution_timeout", "execution_timeout, soft_fail"],
)
@pytest.mark.parametrize("until", ["id == `0`", f"{__name__}:needs_the_task"])
def test_when_its_time_is_over_the_workers_look_is_the_last(arguments, error, until, connected):
    """A wait that only the worker can judge would else go to and fro for ever, and without a pause."""
    with pytest.raises(error, match="The last answer was: 200"):
        resumed(after(61, state="look", why="it cannot judge"), until=until, **arguments)
    assert connected.stats()["api_requests"] == 1


def test_it_goes_on_before_its_time_is_over():
    with pytest.raises(TaskDeferred):
        resumed(after(59, state="look", why="it cannot judge"), timeout=70)


def test_silent_fail_does_not_outlive_its_time():
    error = {"type": "ApiError", "message": "It answered 404.", "status": 404}
    with pytest.raises(AirflowSensorTimeout, match="It answered 404"):
        resumed(after(61, state="error", error=error), silent_fail=True, timeout=60)


@pytest.mark.parametrize(
    "event",
    [{"v": 2, "state": "met", "value": 1}, {"state": "met", "value": 1}, {"v": 1, "state": "met"}, {}, [], "met"],
    ids=repr,
)
def test_an_event_that_is_not_understood_is_no_success(event, connected):
    with pytest.raises(TaskDeferred):
        resumed(event)
    assert connected.stats()["api_requests"] == 1


@pytest.mark.parametrize("skips", [{"soft_fail": True}, {"never_fail": True}], ids=repr)
def test_what_fails_in_the_other_modes_is_not_skipped(skips):
    event = {"v": 1, "state": "error", "error": {"type": "ResponseError", "message": "It is no JSON."}}
    if "never_fail" in skips:
        with pytest.raises(AirflowSkipException):
            resumed(event, **skips)
        return
    with pytest.raises(ResponseError):
        resumed(event, **skips)


def test_a_trigger_that_airflow_ended_is_skipped_as_with_its_own_sensors():
    with pytest.raises(AirflowSkipException):
        sensor(soft_fail=True).resume_execution("__fail__", {"error": "Trigger timeout"}, dict(CONTEXT))


def test_a_timeout_beyond_the_calendar():
    with pytest.raises(TaskDeferred) as deferred:
        sensor(timeout=1e12).execute(dict(CONTEXT))
    assert datetime.now(UTC) + deferred.value.timeout < datetime.max.replace(tzinfo=UTC)


def test_an_interval_of_nothing_leaves_the_triggerer_time_for_others():
    with pytest.raises(TaskDeferred) as deferred:
        sensor(poke_interval=0).execute(dict(CONTEXT))
    _, arguments = deferred.value.trigger.serialize()
    assert arguments["poke_interval"] == 1
    assert arguments["next_look"] - time.time() > 0.5
