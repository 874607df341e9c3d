"""A worker that is killed between sending a job's submission and saving its id: the submission is sent once."""

from __future__ import annotations

import os
import time

import pytest
from job_attempts import API, FIND, Attempt

from airflow_provider_orgauth.exceptions import UnknownJobError

KILLS = int(os.environ.get("JOB_KILLS", "2"))


@pytest.fixture(autouse=True, params=range(KILLS))
def _again():
    """Kill that often."""


@pytest.fixture
def environment(orgauth_emulator):
    return {"AIRFLOW_CONN_ORGAUTH_DEFAULT": orgauth_emulator.connection_json(cache="memory")}


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def submissions(emulator):
    return emulator.stats()["api_requests_by_route"].get("POST /job/create", 0)


def killed_while_the_answer_is_on_its_way(emulator, environment, state):
    emulator.fault("slow", f"{API}/job/create", delay=30)
    attempt = Attempt(environment, state, 1)
    deadline = time.monotonic() + 60
    while not emulator.jobs():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    attempt.kill()
    return attempt


def killed_instead_of_saving(emulator, environment, state):
    return Attempt(environment, state, 1, deadly_write=2)


@pytest.mark.parametrize("killed", [killed_while_the_answer_is_on_its_way, killed_instead_of_saving])
def test_the_next_attempt_finds_the_job(orgauth_emulator, environment, state, killed):
    assert killed(orgauth_emulator, environment, state).was_killed()

    assert Attempt(environment, state, 2, find=FIND).outcome()["status"] == "DONE"
    assert len(orgauth_emulator.jobs()) == 1
    assert submissions(orgauth_emulator) == 1


@pytest.mark.parametrize("killed", [killed_while_the_answer_is_on_its_way, killed_instead_of_saving])
def test_without_find_it_is_not_sent_again(orgauth_emulator, environment, state, killed):
    assert killed(orgauth_emulator, environment, state).was_killed()

    assert isinstance(Attempt(environment, state, 2).outcome(), UnknownJobError)
    assert submissions(orgauth_emulator) == 1


def test_killed_before_it_is_sent(orgauth_emulator, environment, state):
    assert Attempt(environment, state, 1, deadly_write=1).was_killed()

    assert Attempt(environment, state, 2).outcome()["status"] == "DONE"
    assert submissions(orgauth_emulator) == 1


def test_killed_while_it_waits(orgauth_emulator, environment, state):
    orgauth_emulator.settings(job_polls=0, job_seconds=0)
    attempt = Attempt(environment, state, 1)
    deadline = time.monotonic() + 60
    while orgauth_emulator.stats()["api_requests_by_route"].get("GET /job", 0) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    attempt.kill()
    orgauth_emulator.settings(job_polls=1)

    assert Attempt(environment, state, 2).outcome()["id"] == 1
    assert submissions(orgauth_emulator) == 1
