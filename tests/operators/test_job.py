"""The operator with a job, the worker held: what is sent, how often, and what the task returns."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from job_runs import API, FIND, JOB, MODES, SUBMISSION, runs_on

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.compat import AirflowFailException

sys.path.insert(0, str(Path(__file__).parents[1] / "hooks"))
from hostile_server import TOKEN_ANSWER, hostile_server, http

RESULT = {"result": {"endpoint": f"{API}/job/result", "params": {"jobId": "{id}"}}}


@pytest.fixture(params=MODES)
def runs(request, orgauth_emulator, monkeypatch):
    return runs_on(orgauth_emulator, monkeypatch, keeps=True, mode=request.param)


def server_connection(server):
    about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": server.port, "schema": "http"}
    login = {"login": "id", "password": "s3cr3t", "extra": {"cache": "memory", "max_attempts": 1}}
    return json.dumps(about | login)


def test_it_submits_once_waits_and_returns_the_last_answer(runs, orgauth_emulator):
    found = runs.attempt()

    assert (found["id"], found["status"]) == (1, "DONE")
    assert runs.requests() == [("POST", "/job/create"), *[("GET", "/job")] * (3 + runs.looks_of_worker)]
    assert len(runs.seconds) == 2
    assert all(27 <= seconds <= 33 for seconds in runs.seconds)
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_the_result_is_another_request(runs):
    assert runs.attempt(job=RESULT) == {"jobId": 1, "reference": "run 1", "input": {"day": 1}}
    assert runs.requests()[-1] == ("GET", "/job/result")


def test_check_and_filter_are_about_the_result(runs):
    assert runs.attempt(job=RESULT, response_check="input.day == `1`", response_filter="input.day") == 1
    assert runs.attempt(response_filter=lambda response: response.json()["status"]) == "DONE"
    with pytest.raises(errors.ResponseCheckError):
        runs.attempt(job=RESULT, response_check="input.day == `2`")


def test_a_location_is_enough(runs):
    found = runs.attempt(job={"id": None, "poll": None})

    assert (found["id"], found["status"]) == (1, "DONE")
    assert "location" in json.dumps(runs.store.values)
    assert "/job" not in json.dumps(runs.store.values), "a location may have a credential in its query"


def test_a_dict_does_as_well(runs):
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

    operator = OrgApiOperator(task_id="t", job={"until": "status == 'RUNNING'"}, **SUBMISSION)
    assert operator.execute({})["status"] == "RUNNING"


def test_retry_after_is_kept_to(runs, orgauth_emulator):
    orgauth_emulator.settings(job_status="202", job_retry_after=300)
    runs.attempt()
    assert all(300 <= seconds <= 330 for seconds in runs.seconds)


def test_trouble_while_it_waits_ends_nothing(runs, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/job", status=503, times=4)
    assert runs.attempt()["status"] == "DONE"
    assert runs.submitted == 1
    assert len(runs.requests("/job")) == 7 + runs.looks_of_worker


def test_a_job_that_fails_fails_the_task_for_good(runs, orgauth_emulator):
    orgauth_emulator.script_jobs({"status": "FAILED", "polls": 2, "message": "no space left"})

    with pytest.raises(errors.WaitFailedError, match="no space left") as caught:
        runs.attempt()

    assert isinstance(caught.value, AirflowFailException)


def test_it_takes_too_long(runs, orgauth_emulator):
    orgauth_emulator.settings(job_polls=0, job_seconds=0)

    with pytest.raises(errors.JobTimeoutError, match=r'job\.timeout\. The last answer was: 200, status = "RUNNING"\.'):
        runs.attempt(job={"timeout": 100})

    assert 90 < sum(runs.seconds) < 110
    with pytest.raises(errors.JobTimeoutError):  # the time counts from the submission
        runs.attempt(job={"timeout": 100})
    assert runs.submitted == 1


def test_the_last_answer_to_a_file(runs, tmp_path):
    path = tmp_path / "out" / "result.json"
    manifest = runs.attempt(job=RESULT, output_path=str(path))

    assert manifest["path"] == str(path)
    assert json.loads(path.read_bytes())["jobId"] == 1


def test_a_list_to_a_file(runs, tmp_path):
    path = tmp_path / "devices.jsonl"
    devices = {"endpoint": f"{API}/devices", "params": {"size": 1000}}
    manifest = runs.attempt(job={"result": devices}, pagination="page_number", output_path=str(path))

    assert manifest["records"] == len(path.read_bytes().splitlines()) >= 2500
    assert runs.requests("/job/create") == [("POST", "/job/create")]


def test_a_retry_waits_for_the_job_that_runs(runs, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/job", status=404, times=1)
    with pytest.raises(errors.ApiError, match="404"):
        runs.attempt()

    assert runs.attempt()["status"] == "DONE"
    assert runs.submitted == 1


def test_a_retry_by_location(runs, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/job", status=404, times=1)
    by_location = {"id": None, "poll": None}
    with pytest.raises(errors.ApiError, match="404"):
        runs.attempt(job=by_location)

    assert runs.attempt(job=by_location)["id"] == 1
    assert runs.submitted == 1


def test_a_cleared_task_submits_anew(runs):
    assert runs.attempt()["id"] == 1
    assert runs.attempt()["id"] == 1, "a retry, after its worker died with the result in hand"
    runs.clear()
    assert runs.attempt()["id"] == 2
    assert runs.attempt()["id"] == 2
    runs.clear()
    assert runs.attempt()["id"] == 3


def test_a_lost_answer_leaves_an_intent_that_is_never_sent_again(runs, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/job/create", status=500, times=1)
    with pytest.raises(errors.ApiServerError):
        runs.attempt()

    for _ in range(2):
        with pytest.raises(
            errors.UnknownJobError, match=r"may run, or not\. Look there\. Then clear the task"
        ) as caught:
            runs.attempt()
    assert isinstance(caught.value, AirflowFailException)
    assert runs.submitted == 1
    runs.clear()
    assert runs.attempt()["id"] == 1
    assert runs.submitted == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429])
def test_what_surely_was_not_done_is_sent_again(runs, orgauth_emulator, status):
    orgauth_emulator.fault("status", f"{API}/job/create", status=status, times=1)
    if status != 429:  # which the hook sends again itself
        with pytest.raises(errors.ApiError):
            runs.attempt()

    assert runs.store.values == {}
    assert runs.attempt()["id"] == 1


def test_a_server_that_is_down_got_nothing(runs, monkeypatch):
    def answer_and_go(peer):
        server.refuse()
        peer.send(http(TOKEN_ANSWER, "Connection: close"))
        peer.done = True

    with hostile_server(token=answer_and_go) as server:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server_connection(server))
        with pytest.raises(errors.ApiConnectionError, match="refused"):
            runs.attempt()

    assert server.requests[0].startswith("POST /oauth2/token")
    assert runs.store.values == {}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset"},
        {"kind": "reset_after"},
        {"kind": "truncate"},
        {"kind": "status", "status": 408},
        {"kind": "status", "status": 503},
        {"kind": "redirect", "status": 303, "headers": {"Location": f"{API}/nothing"}},
        {"kind": "redirect"},
        {"kind": "html"},
        {"kind": "empty"},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}",
)
def test_what_may_have_arrived_is_not_sent_again(runs, orgauth_emulator, fault):
    orgauth_emulator.fault(path=f"{API}/job/create", times=0, **fault)
    with pytest.raises(errors.OrgAuthError):
        runs.attempt()
    sent = runs.submitted

    with pytest.raises(errors.UnknownJobError, match="may run, or not"):
        runs.attempt()
    assert runs.submitted == sent == 1


def test_a_killed_attempt_leaves_what_it_knew(runs, orgauth_emulator):
    class Killed(BaseException):
        pass

    def kill():
        raise Killed

    runs.meanwhile = kill
    with pytest.raises(Killed):
        runs.attempt()
    runs.meanwhile = lambda: None

    assert runs.attempt()["id"] == 1
    assert runs.submitted == 1


@pytest.mark.parametrize("keeps", [True, False], ids=["3.3", "before"])
def test_find_asks_whether_it_runs(orgauth_emulator, monkeypatch, keeps):
    runs = runs_on(orgauth_emulator, monkeypatch, keeps=keeps)
    orgauth_emulator.fault("status", f"{API}/job", status=404, times=1)
    with pytest.raises(errors.ApiError, match="404"):
        runs.attempt(job={"find": FIND})

    assert runs.attempt(job={"find": FIND})["id"] == 1
    assert runs.submitted == 1
    assert len(runs.requests("/jobs")) == (0 if keeps else 1), "what is known need not be found"


@pytest.mark.parametrize("keeps", [True, False], ids=["3.3", "before"])
def test_find_finds_none(orgauth_emulator, monkeypatch, keeps):
    runs = runs_on(orgauth_emulator, monkeypatch, keeps=keeps)
    orgauth_emulator.fault("status", f"{API}/job/create", status=500, times=1)
    with pytest.raises(errors.ApiServerError):
        runs.attempt(job={"find": FIND})

    assert runs.attempt(job={"find": FIND})["id"] == 1
    assert runs.submitted == 2
    assert runs.requests()[1] == ("GET", "/jobs")


def test_find_that_sees_one_page_of_several_is_refused(runs, orgauth_emulator):
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    for _ in range(2):
        OrgAuthHook().run(f"{API}/job/create", method="POST", json={"reference": "other"})
    orgauth_emulator.fault("status", f"{API}/job/create", status=500, times=1)
    with pytest.raises(errors.ApiServerError):
        runs.attempt()

    find = {"endpoint": f"{API}/jobs", "params": {"size": 1}, "id": "content[?reference=='run 1'].id | [0]"}
    with pytest.raises(errors.TruncatedListError):
        runs.attempt(job={"find": find})


def test_before_3_3_a_retry_submits_anew(orgauth_emulator, monkeypatch):
    runs = runs_on(orgauth_emulator, monkeypatch, keeps=False)
    orgauth_emulator.fault("status", f"{API}/job", status=404, times=1)
    with pytest.raises(errors.ApiError, match="404"):
        runs.attempt()

    assert runs.attempt()["id"] == 2


def test_before_3_3_a_cleared_task_does_not_ask(orgauth_emulator, monkeypatch):
    runs = runs_on(orgauth_emulator, monkeypatch, keeps=False)
    assert runs.attempt(job={"find": FIND})["id"] == 1
    runs.clear()
    assert runs.attempt(job={"find": FIND})["id"] == 2
    assert runs.requests("/jobs") == []


@pytest.mark.parametrize(("job", "said"), [({"id": "jobId"}, "no id at job.id"), ({"id": "status | [0]"}, "no id")])
def test_an_answer_without_an_id(runs, job, said):
    with pytest.raises(errors.UnknownJobError, match=said):
        runs.attempt(job=job)
    with pytest.raises(errors.UnknownJobError, match="may run, or not"):
        runs.attempt(job=job)
    assert runs.submitted == 1


@pytest.mark.parametrize("location", ["https://evil.example/jobs/1", "//evil.example/1", "http://[::1/x"])
def test_a_location_elsewhere_is_not_followed(runs, orgauth_emulator, location):
    orgauth_emulator.fault("status", "/job/create", status=202, act=True, headers={"Location": location})
    with pytest.raises((errors.ForeignOriginError, errors.UnknownJobError), match="Location"):
        runs.attempt(job={"id": None, "poll": None})

    assert runs.requests() == [("POST", "/job/create")]
    with pytest.raises(errors.UnknownJobError, match="may run, or not"):
        runs.attempt(job={"id": None, "poll": None})


def test_an_answer_without_a_location(runs, orgauth_emulator):
    orgauth_emulator.fault("status", "/job/create", status=202, act=True, headers={"X": "y"})
    with pytest.raises(errors.UnknownJobError, match="answered 202 without a Location header"):
        runs.attempt(job={"id": None, "poll": None})


def test_the_key_header(runs, orgauth_emulator):
    orgauth_emulator.settings(idempotency_key=True)
    orgauth_emulator.fault("reset_after", f"{API}/job/create", times=1)
    runs.attempt(job={"key_header": "Idempotency-Key"})

    assert len(orgauth_emulator.jobs()) == 1
    assert all("idempotency-key" in one["headers"] for one in orgauth_emulator.requests() if "create" in one["path"])


def test_what_a_job_is_about_is_not_changed_by_a_task(runs):
    job = JOB | {"poll": {"endpoint": f"{API}/job", "params": {"jobId": "{id}"}}}
    runs.attempt(job=job)
    assert job["poll"]["params"] == {"jobId": "{id}"}
