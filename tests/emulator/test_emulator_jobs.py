"""Jobs: accepted with 202, asked for until they are done, found again, cancelled, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests
from emulator_client import API, message

from airflow_provider_orgauth.emulator import Emulator, running_emulator

START = 1_760_000_000


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock stands still until it is advanced."""
    with running_emulator(devices=1, token_lifetime=1_000_000, clock=lambda: float(START)) as running:
        yield running


@pytest.fixture
def api(client):
    return client.login()


def create(api, body=None, **headers) -> requests.Response:
    return api.send("POST", f"{API}/job/create", json=body or {}, headers=headers)


def poll(api, number: int = 1) -> requests.Response:
    return api.get("/job", jobId=number)


def cancel(api, number: int = 1) -> requests.Response:
    return api.send("PUT", f"{API}/job/cancel", params={"jobId": number})


def test_a_job_is_accepted_and_says_where_and_when_to_ask(api, emulator):
    emulator.settings(job_polls=2, job_retry_after=7)
    accepted = create(api, {"reference": "run 1", "input": {"day": "2025-10-09"}})
    assert accepted.status_code == 202
    assert accepted.headers["Location"] == f"{API}/job?jobId=1"
    assert accepted.headers["Retry-After"] == "7"
    running = {
        "id": 1,
        "reference": "run 1",
        "status": "RUNNING",
        "createdAt": START * 1000,
        "finishedAt": 0,
        "statusUrl": f"{API}/job?jobId=1",
    }
    assert accepted.json() == running

    emulator.advance(3)
    first, second = (api.send("GET", accepted.headers["Location"]) for _ in range(2))
    assert (first.status_code, first.headers["Retry-After"], first.json()) == (200, "7", running)
    done = second.json()
    assert done.pop("fileUrl").startswith("http://localhost:")
    assert done == {
        **running,
        "status": "DONE",
        "finishedAt": (START + 3) * 1000,
        "resultUrl": f"{API}/job/result?jobId=1",
    }
    assert "Retry-After" not in second.headers
    result = api.send("GET", done["resultUrl"])
    assert (result.status_code, result.json()) == (
        200,
        {"jobId": 1, "reference": "run 1", "input": {"day": "2025-10-09"}},
    )


def test_it_is_done_by_time(api, emulator):
    emulator.settings(job_polls=0, job_seconds=30)
    create(api)
    emulator.advance(29)
    assert poll(api).json()["status"] == "RUNNING"
    emulator.advance(1)
    assert poll(api).json()["status"] == "DONE"


def test_what_has_no_script_goes_by_the_settings_as_they_are_now(api, emulator):
    emulator.settings(job_polls=0, job_seconds=0)
    create(api)
    emulator.advance(100_000)
    assert poll(api).json()["status"] == "RUNNING"
    emulator.settings(job_seconds=1)
    assert poll(api).json()["status"] == "DONE"


def test_no_result_before_it_is_done(api):
    create(api)
    early = api.get("/job/result", jobId=1)
    assert (early.status_code, message(early)) == (409, "Job 1 is RUNNING: it has no result.")


@pytest.mark.parametrize(("said", "heard"), [({"message": "no space left"}, "no space left"), ({}, "The job failed.")])
def test_it_fails(api, emulator, said, heard):
    emulator.script_jobs({"status": "FAILED", "polls": 2, **said})
    create(api)
    assert poll(api).json()["status"] == "RUNNING"
    failed = poll(api)
    assert (failed.status_code, failed.json()["status"], failed.json()["error"]) == (200, "FAILED", {"message": heard})
    assert api.get("/job/result", jobId=1).status_code == 409


@pytest.mark.parametrize(("style", "running", "done"), [("200", 200, 200), ("202", 202, 200), ("303", 202, 303)])
def test_what_a_status_code_says(api, emulator, style, running, done):
    emulator.settings(job_status=style, job_polls=2)
    emulator.script_jobs()
    emulator.script_jobs({"status": "FAILED"})
    for _ in range(3):
        create(api)
    assert [poll(api, number).status_code for number in (1, 2, 3, 3)] == [running, 200, running, done]
    location = poll(api, 3).headers.get("Location")
    assert location == (f"{API}/job/result?jobId=3" if done == 303 else None)


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_retry_after_in_each_form(api, emulator, form):
    emulator.settings(retry_after=form, job_retry_after=90)
    for answer in (create(api), poll(api)):
        value = answer.headers.get("Retry-After")
        if form == "date":
            assert parsedate_to_datetime(value).timestamp() == START + 90
        else:
            assert value == ("90" if form == "seconds" else None)
    emulator.settings(retry_after="seconds", job_retry_after=0)
    assert "Retry-After" not in poll(api).headers


def test_a_running_job_is_found_by_its_reference(api, emulator):
    for reference in ("a", "b", "a"):
        create(api, {"reference": reference})
    cancel(api, 1)

    def found(**params):
        page = api.get("/jobs", **params).json()
        assert page["totalElements"] == len(page["content"])
        return [one["id"] for one in page["content"]]

    assert found(reference="a", status="RUNNING") == [3]
    assert found(reference="a") == [1, 3]
    assert found(status="CANCELLED") == [1]
    assert found(reference="c") == []
    assert found() == [1, 2, 3]
    assert {one["polls"] for one in emulator.jobs()} == {0}
    wrong = api.get("/jobs", status="running")
    assert (wrong.status_code, message(wrong)) == (
        400,
        "Parameter status wants one of: RUNNING, DONE, FAILED, CANCELLED.",
    )


def test_a_job_without_an_answer_was_created_all_the_same(api, emulator):
    emulator.fault("reset_after", "/job/create")
    with pytest.raises(requests.ConnectionError):
        create(api, {"reference": "lost"})
    assert emulator.stats()["jobs_created"] == 1
    assert api.get("/jobs", reference="lost").json()["totalElements"] == 1


def test_a_job_is_cancelled_once_and_for_all(api, emulator):
    create(api)
    assert (cancel(api).status_code, cancel(api).json()["status"]) == (200, "CANCELLED")
    emulator.advance(1000)
    assert poll(api).json()["status"] == "CANCELLED"
    create(api)
    emulator.advance(1000)
    late = cancel(api, 2)
    assert (late.status_code, message(late)) == (409, "Job 2 is DONE already.")
    assert cancel(api, 3).status_code == 404


def test_each_job_is_counted(api, emulator):
    for _ in range(3):
        create(api, {"reference": "same"})
    create(api, {"reference": 5})
    api.send("POST", f"{API}/shipment/create", json={})
    stats = api.control("GET", "/_stats")
    assert stats == emulator.stats()
    assert (stats["jobs_created"], stats["shipments_created"]) == (3, 1)
    assert stats["api_requests_by_route"]["POST /job/create"] == 4
    emulator.reset()
    assert (emulator.stats()["jobs_created"], emulator.jobs(), emulator.shipments()) == (0, [], [])


def test_an_idempotency_key_makes_one_job_if_the_server_knows_them(api, emulator):
    body = {"reference": "a"}
    assert [create(api, body, **{"Idempotency-Key": "k"}).json()["id"] for _ in range(2)] == [1, 2]
    emulator.settings(idempotency_key=True)
    again = [create(api, body, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [(one.status_code, one.headers["Location"]) for one in again] == [(202, f"{API}/job?jobId=3")] * 2
    assert create(api, {"reference": "b"}, **{"Idempotency-Key": "k"}).status_code == 422
    assert create(api, body, **{"Idempotency-Key": "l"}).json()["id"] == 4
    assert [create(api, body).json()["id"] for _ in range(2)] == [5, 6]
    assert emulator.stats()["jobs_created"] == 6


@pytest.mark.parametrize("body", [{"reference": 5}, {"reference": "x" * 256}, [], "text"])
def test_a_wrong_body_is_400_and_creates_nothing(api, emulator, body):
    answer = api.send("POST", f"{API}/job/create", json=body)
    assert answer.status_code == 400
    assert message(answer)
    for broken in (b"{", b"", b'{"input": NaN}', b'{"input": 1e999}'):
        assert api.send("POST", f"{API}/job/create", data=broken).status_code == 400
    assert emulator.stats()["jobs_created"] == 0


def test_any_json_comes_back_in_the_result(api, emulator):
    emulator.script_jobs({"status": "DONE"})
    given = '{"input": [1.5, null, true, {"ä": "\\ud800 \\u2028"}, 12345678901234567890]}'
    api.send("POST", f"{API}/job/create", data=given)
    assert api.get("/job/result", jobId=1).json()["input"] == [
        1.5, None, True, {"ä": "\ud800 \u2028"}, 12345678901234567890
    ]  # fmt: skip


def test_a_job_needs_a_token(client, emulator):
    assert create(client).status_code == 401
    assert emulator.stats()["jobs_created"] == 0


def test_the_first_fails_and_the_second_does_not(api, emulator):
    emulator.script_jobs({"status": "FAILED", "polls": 1})
    create(api)
    create(api)
    assert [poll(api, number).json()["status"] for number in (1, 2)] == ["FAILED", "RUNNING"]


def done_file(api, emulator) -> str:
    """Return the link in the answer of a job that is done."""
    emulator.settings(job_polls=1)
    create(api, {"reference": "run 1", "input": [1]})
    return poll(api).json()["fileUrl"]


def test_a_job_that_is_done_has_a_link_to_a_file_on_another_host(api, emulator):
    link = done_file(api, emulator)
    assert link.startswith(f"http://localhost:{emulator.port}/files/1.json?")

    answer = requests.get(link, timeout=10)

    assert answer.status_code == 200
    assert answer.content == api.get("/job/result", jobId=1).content
    assert emulator.stats()["file_requests_by_status"] == {"200": 1}
    assert emulator.stats()["api_requests"] == 3


def test_the_store_refuses_who_says_in_two_ways_who_asks(api, emulator):
    link = done_file(api, emulator)

    answer = requests.get(link, headers={"Authorization": "Bearer x"}, timeout=10)

    assert answer.status_code == 400
    assert "Authorization" in message(answer)


def test_a_link_is_good_for_its_file_and_for_a_while(api, emulator):
    link = done_file(api, emulator)
    for wrong in (link.replace("/1.json", "/2.json"), link[:-1], link.partition("?")[0]):
        assert requests.get(wrong, timeout=10).status_code == 403
    assert requests.post(link, timeout=10).status_code == 405

    emulator.advance(60)

    assert requests.get(link, timeout=10).status_code == 403
    assert requests.get(poll(api).json()["fileUrl"], timeout=10).status_code == 200
