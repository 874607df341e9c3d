"""The wait for a job in the triggerer: what goes there, what comes back, and when nothing goes there."""

from __future__ import annotations

import datetime
import json

import pytest
from airflow.providers.common.compat.sdk import DAG
from job_runs import API, JOB, SUBMISSION, runs_on

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.compat import AirflowTaskTimeout, TaskDeferred
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from tests.triggered import event_of

CANCEL = {"endpoint": f"{API}/job/cancel", "method": "PUT", "params": {"jobId": "{id}"}}
RESULT = {"endpoint": f"{API}/job/result", "params": {"jobId": "{id}"}}


def is_done(response):
    return response.json()["status"] == "DONE"


@pytest.fixture
def runs(orgauth_emulator, monkeypatch):
    return runs_on(orgauth_emulator, monkeypatch, keeps=True, mode="deferrable")


def arguments_of(deferred):
    return deferred.trigger.serialize()[1]


def test_the_worker_sends_and_looks_once(runs):
    runs.attempt(job={"result": RESULT})
    (deferred,) = runs.deferred

    assert runs.requests() == [("POST", "/job/create"), *[("GET", "/job")] * 3, ("GET", "/job/result")]
    arguments = arguments_of(deferred)
    assert arguments["request"] == {"endpoint": f"{API}/job", "params": {"jobId": "1"}}
    assert (arguments["until"], arguments["fail_if"]) == ("status == 'DONE'", "status == 'FAILED'")
    assert arguments["poke_interval"] == 30
    assert arguments["deadline"] == pytest.approx(runs.clock() + 3600, abs=60)
    assert deferred.kwargs in (None, {}), "3.3's dags test loses them"
    assert "run 1" not in json.dumps(arguments), "what is submitted stays with the worker"


def test_a_job_that_is_done_at_the_first_look_is_not_deferred(runs, orgauth_emulator):
    orgauth_emulator.settings(job_polls=1)
    assert runs.attempt()["status"] == "DONE"
    assert runs.deferred == []


def test_what_comes_back_is_all_that_resume_needs(runs, orgauth_emulator):
    operator = OrgApiOperator(task_id="t", job=JOB, deferrable=True, **SUBMISSION)
    with pytest.raises(TaskDeferred) as caught:
        operator.execute({})
    event = event_of(caught.value)

    again = OrgApiOperator(task_id="t", job=JOB, deferrable=True, **SUBMISSION)
    assert getattr(again, caught.value.method_name)({}, event)["status"] == "DONE"
    assert runs.submitted == 1


def test_what_is_not_so_any_more_is_waited_for_again(runs, orgauth_emulator):
    orgauth_emulator.settings(job_polls=0, job_seconds=0)
    orgauth_emulator.fault("status", f"{API}/job", status=410, skip=1, times=1)
    orgauth_emulator.fault("status", f"{API}/job", status=410, skip=2, times=0)

    assert runs.attempt(job={"until": 410}) is None
    assert len(runs.requests("/job")) == 5
    assert len(runs.deferred) == 2
    resumed = [one.trigger.options["resume"] for one in runs.deferred]
    assert resumed[0] == resumed[1]


def test_a_failure_is_told_with_its_own_type(runs, orgauth_emulator):
    orgauth_emulator.script_jobs({"status": "FAILED", "polls": 3, "message": "gone"})
    with pytest.raises(errors.WaitFailedError, match="gone"):
        runs.attempt()
    assert len(runs.deferred) == 1


def test_execution_timeout_ends_the_wait_and_cancels_the_job(runs, orgauth_emulator):
    orgauth_emulator.settings(job_polls=0, job_seconds=0)
    with pytest.raises(AirflowTaskTimeout, match=r"0:01:40 \(execution_timeout\)\. The last answer was: 200"):
        runs.attempt(job={"cancel": CANCEL}, execution_timeout=datetime.timedelta(seconds=100))

    assert sum(runs.seconds) <= 101
    assert [job["status"] for job in orgauth_emulator.jobs()] == ["CANCELLED"]
    assert runs.store.values == {}
    orgauth_emulator.settings(job_polls=1)
    assert runs.attempt()["id"] == 2


def test_airflow_ends_what_the_trigger_does_not(runs):
    runs.attempt(job={"timeout": 1000})
    assert 1000 < runs.deferred[0].timeout.total_seconds() <= 1060


def test_the_interval_is_that_of_the_submission(runs, orgauth_emulator, tmp_path):
    times = {
        "data_interval_start": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        "data_interval_end": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    }
    path = tmp_path / "x.json"
    manifest = runs.attempt(times, job={"result": RESULT}, since="from", until="to", output_path=str(path))

    assert runs.deferred[0].trigger.options["resume"]["interval"] == {
        "since": "2026-01-01T00:00:00+00:00",
        "until": "2026-01-02T00:00:00+00:00",
    }
    assert manifest["until"] == "2026-01-02T00:00:00+00:00"


def test_a_location_with_a_credential_stays_with_the_worker(runs, orgauth_emulator, caplog):
    """It is known when the job runs already: to fail then would leave it alone."""
    location = f"{API}/job?jobId=1&token=s3cr3t-in-the-link"
    orgauth_emulator.fault("status", f"{API}/job/create", status=202, act=True, headers={"Location": location})
    found = runs.attempt(job={"id": None, "poll": None})

    assert found["status"] == "DONE"
    assert runs.deferred == []
    assert "The worker waits: endpoint: holds a credential" in caplog.text
    assert "s3cr3t" not in caplog.text + json.dumps(runs.store.values)


def operator(**arguments):
    with DAG("d", schedule=None):
        return OrgApiOperator(task_id="t", **SUBMISSION, **arguments)


def test_without_a_job_it_is_refused():
    with pytest.raises(ConfigurationError, match=r"^deferrable: needs a job"):
        operator(deferrable=True)
    with pytest.raises(ConfigurationError, match=r"^deferrable: "):
        operator(job=JOB, deferrable="yes")


@pytest.mark.parametrize(
    ("job", "field"),
    [
        ({"until": is_done}, "job.until"),
        ({"fail_if": is_done}, "job.fail_if"),
        ({"poll": {"endpoint": "/x", "headers": {"X-Api-Key": "{{ conn.x }}"}}}, "job.poll"),
        ({"poll": {"endpoint": "/x", "headers": {"Authorization": "x"}}}, "job.poll"),
    ],
)
def test_what_cannot_go_to_the_triggerer(monkeypatch, job, field):
    with pytest.raises(ConfigurationError) as caught:
        operator(job=JOB | job, deferrable=True)
    assert str(caught.value).startswith(f"{field}: ")
    assert not operator(job=JOB | job).deferrable
    monkeypatch.setenv("AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE", "True")
    assert not operator(job=JOB | job).deferrable, "nobody has asked for it in so many words"


def test_the_default_counts_where_there_is_a_job(monkeypatch):
    assert not operator(job=JOB).deferrable
    monkeypatch.setenv("AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE", "True")
    assert operator(job=JOB).deferrable
    assert not operator(job=JOB, deferrable=False).deferrable
    assert not operator().deferrable


def test_a_job_that_is_told_later():
    with DAG("d", schedule=None):
        before = OrgApiOperator(task_id="before", endpoint="/job")
        assert OrgApiOperator(task_id="after", deferrable=True, job=before.output, **SUBMISSION).deferrable
        mapped = OrgApiOperator.partial(task_id="t", deferrable=True, **SUBMISSION).expand(job=[JOB])
    assert mapped.partial_kwargs["deferrable"] is True
