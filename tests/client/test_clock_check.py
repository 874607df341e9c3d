"""A clock that is minutes off costs a token and no task; one warning says so."""

from __future__ import annotations

import json
import re
import time
from email.utils import formatdate
from functools import partial

import pytest

from airflow_provider_orgauth.client import clock_check
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_credentials_grant
from airflow_provider_orgauth.oauth.steps import Send
from airflow_provider_orgauth.oauth.token import Token

NOW = 1_766_000_000.0


def said(caplog):
    return [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        (300, "This machine's clock is 300 s behind that of https://h.example."),
        (-300, "This machine's clock is 300 s ahead of that of https://h.example."),
        (59, None),
        (-59, None),
        (20 * 86400, "The Date of https://h.example is 20.0 days ahead of this machine's clock. That is not believed"),
        (-20 * 86400, "The Date of https://h.example is 20.0 days behind this machine's clock. That is not believed"),
    ],
)
def test_a_difference_of_minutes_is_said_once_with_its_direction(correction, words, caplog):
    for _ in range(2):
        clock_check.check_clock("https://h.example", correction)

    assert [message.startswith(words or "-") for message in said(caplog)] == ([True] if words else [])


def test_a_task_whose_clock_is_off_works_and_is_told_once(monkeypatch, clockwork, caplog):
    clockwork.advance(300)
    with running_emulator() as server:
        for _ in range(2):
            hook = OrgAuthHook(server.set_connection(monkeypatch), clock=clockwork.clock, sleep=clockwork.sleep)
            assert hook.run("/api/v1/organization/profile").ok
            clockwork.advance(300)

    [message] = said(caplog)
    # A header's date has whole seconds.
    assert re.match(rf"This machine's clock is (?:299|30[0-2]) s ahead of that of {server.url}\.", message)


def answering(*headers):
    body = json.dumps({"access_token": "a", "token_type": "Bearer", "expires_in": 300})
    return {"body": body, "headers": headers}


@pytest.mark.parametrize(
    ("headers", "corrected"),
    [
        ((), 0),
        ((("Date", ""),), 0),
        ((("Date", "yesterday"),), 0),
        ((("Date", "2026-11-28T12:00:00Z"),), 0),
        ((("Date", "Wed, 21 Oct 2015 07:28:00 GMT"),), 0),
        ((("Date", formatdate(NOW - 300, usegmt=True)),), -300),
        ((("Date", formatdate(NOW - 300)),), -300),
        ((("Date", time.asctime(time.gmtime(NOW - 300))),), -300),
        ((("Date", formatdate(NOW - 300, usegmt=True)), ("Date", formatdate(NOW - 300, usegmt=True))), -300),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_token_lives_by_the_date_it_came_with_if_that_is_one(orgauth_emulator, headers, corrected, status):
    """And an error's date says nothing: it may be a gateway's."""
    client = OAuthClient(f"{orgauth_emulator.url}/oauth2/token", "id", "secret")
    endpoint = TokenEndpoint(HttpSettings(), RetryPolicy(1, clock=lambda: NOW))
    orgauth_emulator.fault("raw", "/oauth2/token", status=status, **answering(*headers))
    outcome = endpoint.attempt(Send(partial(client_credentials_grant, client), repeatable=True))
    if status == 400:
        corrected = 0
    else:
        assert isinstance(outcome, Token)
        assert abs(outcome.issued_at - NOW - corrected) <= 1

    assert abs(endpoint.clock.now() - NOW - corrected) <= 1
