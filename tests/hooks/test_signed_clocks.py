"""A host whose clock is wrong signs by the server's: a server takes an assertion only while it is valid by its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from airflow_provider_orgauth.exceptions import InvalidClientError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

sys.path.append(str(Path(__file__).parents[1] / "secrets"))

from signing_front import signing_front

PROFILE = "/api/v1/organization/profile"
MINUTES_OFF = pytest.mark.parametrize("off", [-300.0, -90.0, 10.0, 300.0])


@pytest.fixture
def front(orgauth_emulator):
    orgauth_emulator.settings(grants_in="body")
    with signing_front(orgauth_emulator) as front:
        yield front


@pytest.fixture
def hook(front, monkeypatch, clockwork):
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(front.connection(cache="memory")))
    return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)


def test_a_clock_that_is_right_costs_nothing(hook, front):
    assert hook.run(PROFILE).status_code == 200
    assert len(front.assertions) == 1


@MINUTES_OFF
def test_one_more_request_until_the_first_token(hook, front, orgauth_emulator, clockwork, off):
    clockwork.advance(off)

    assert hook.run(PROFILE).status_code == 200
    assert len(front.assertions) == 2
    assert clockwork.slept == []

    for _ in range(3):
        clockwork.advance(280)
        orgauth_emulator.advance(280)
        assert hook.run(PROFILE).status_code == 200
    assert len(front.assertions) == 5


@pytest.mark.parametrize(("off", "sent"), [(0.0, 1), (300.0, 2), (200_000.0, 1)])
def test_a_refusal_for_another_cause_is_told_after_one_more_try_at_most(hook, front, clockwork, off, sent):
    front.audience = "https://other.example"
    clockwork.advance(off)

    with pytest.raises(InvalidClientError):
        hook.run(PROFILE)
    assert len(front.assertions) == sent


@MINUTES_OFF
def test_the_test_button_works_there_too(hook, front, clockwork, off):
    clockwork.advance(off)

    assert hook.test_connection()[0]
