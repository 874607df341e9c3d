"""API requests counted for the page of the tokens: by whoever sends them, told by who renews the token."""

from __future__ import annotations

import asyncio
import json

import pytest
from variables_in_memory import VariablesInMemory

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.cache.state_record import state_from_text
from airflow_provider_orgauth.observers.request_tally import RequestTally
from airflow_provider_orgauth.paging import PageNumberPagination

PROFILE = "/api/v1/organization/profile"
DEVICES = "/api/v1/organization/devices"


@pytest.fixture
def variables(monkeypatch):
    monkeypatch.setattr(compat, "Variable", VariablesInMemory(), raising=False)
    return compat.Variable


@pytest.fixture
def hook(make_hook, variables):
    return make_hook(cache="variable")


def called(hook, way):
    """Send a request, in a thread or on an event loop."""
    if way == "thread":
        return hook.run(PROFILE)

    async def call():
        try:
            return await hook.run_async(PROFILE)
        finally:
            await hook.aclose()

    return asyncio.run(call())


def renewed(hook, variables, clockwork):
    """Return what the record has once the token is renewed: API requests, of which 429, and waits."""
    clockwork.advance(280)  # of the 300 that a token lives
    hook.get_access_token()
    hours = state_from_text(variables.of("state")).hours
    return [sum(getattr(hour, f"api_{field}") for hour in hours) for field in ("requests", "too_many", "waits")]


@pytest.mark.parametrize("way", ["thread", "loop"])
def test_who_renews_writes_down_what_this_host_has_sent(hook, make_hook, variables, clockwork, way):
    for _ in range(3):
        called(hook, way)
    called(make_hook(cache="variable"), way)  # another task

    assert renewed(hook, variables, clockwork) == [4, 0, 0]
    assert renewed(hook, variables, clockwork) == [4, 0, 0]  # and does not write it down again


def test_429_is_counted_and_the_wait_that_it_asks_for(hook, variables, clockwork, orgauth_emulator):
    orgauth_emulator.fault("status", PROFILE, status=429, headers={"Retry-After": "3"})
    hook.run(PROFILE)

    assert renewed(hook, variables, clockwork) == [2, 1, 1]


def test_what_a_busy_server_makes_a_list_wait_is_counted(make_hook, variables, clockwork, orgauth_emulator):
    def sleep(seconds):
        clockwork.sleep(seconds)
        orgauth_emulator.advance(seconds)

    hook = make_hook(cache="variable", sleep=sleep)
    orgauth_emulator.settings(rate_limit=12, rate_window=60, retry_after="seconds")
    assert len(list(hook.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=4))) == 2500
    orgauth_emulator.settings(rate_limit=0)

    requests, too_many, waits = renewed(hook, variables, clockwork)
    assert requests - too_many >= 25
    assert too_many > 0
    assert waits > 0


def test_a_limit_of_the_connection_makes_waits(make_hook, variables, clockwork):
    hook = make_hook(cache="variable", rate_limit=6)
    for _ in range(3):
        hook.run(PROFILE)

    requests, too_many, waits = renewed(hook, variables, clockwork)
    assert (requests, too_many) == (3, 0)
    assert waits >= 1


def test_a_request_without_an_answer_is_counted(hook, variables, clockwork, orgauth_emulator):
    orgauth_emulator.fault("reset", PROFILE)
    hook.run(PROFILE)

    assert renewed(hook, variables, clockwork) == [2, 0, 0]


def test_with_metrics_on_both_are_told(hook, variables, clockwork, statsd):
    hook.run(PROFILE)

    assert statsd.counts()["orgauth.api_requests.orgauth_default.2xx"] == 1
    assert renewed(hook, variables, clockwork) == [1, 0, 0]


def test_a_record_of_the_time_before_is_added_to(hook, variables, clockwork):
    hook.run(PROFILE)
    [key] = [key for key in variables.texts if key.startswith("orgauth_state_")]
    record = json.loads(variables.texts[key])
    for hour in record["hours"]:
        for field in ("api_requests", "api_too_many", "api_waits"):
            del hour[field]
    variables.texts[key] = json.dumps(record)

    assert renewed(hook, variables, clockwork) == [1, 0, 0]
    assert sum(hour.requests for hour in state_from_text(variables.texts[key]).hours) == 2


def test_a_failure_writes_them_down_too_once(hook, variables, clockwork, orgauth_emulator):
    hook.run(PROFILE)
    orgauth_emulator.fault("status", "/oauth2/token", status=400, times=10)
    for _ in range(3):
        clockwork.advance(280)
        with pytest.raises(compat.AirflowException):
            hook.get_access_token()

    assert sum(hour.api_requests for hour in state_from_text(variables.of("state")).hours) == 1


def test_what_could_not_be_written_down_is_told_by_the_next_one(hook, variables, clockwork, orgauth_emulator):
    orgauth_emulator.fault("status", PROFILE, status=429, headers={"Retry-After": "3"})
    hook.run(PROFILE)
    assert renewed(hook, variables, clockwork)[0] == 2
    hook.run(PROFILE)

    def locked(method, key):
        if method == "set" and key.startswith("orgauth_state_"):
            raise RuntimeError("database is locked")

    variables.before = locked
    assert renewed(hook, variables, clockwork)[0] == 2
    variables.before = lambda method, key: None

    assert renewed(hook, variables, clockwork) == [3, 1, 1]


@pytest.mark.parametrize("cache", ["memory", "xcom"])
def test_where_nobody_could_see_it_nothing_is_counted(make_hook, variables, cache):
    hook = make_hook(cache=cache)
    hook.run(PROFILE)

    assert hook.observer is None


def test_where_there_can_be_no_file_nobody_is_told(hook, tmp_path, monkeypatch):
    assert isinstance(hook.observer, RequestTally)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    monkeypatch.setattr("tempfile.tempdir", str(blocked))
    again = type(hook)(hook.org_conn_id)

    assert again.observer is None
    assert again.run(PROFILE).ok
