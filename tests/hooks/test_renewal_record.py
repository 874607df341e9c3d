"""What a renewal leaves for the people who look: beside the token, without the token, and never at a task's cost."""

from __future__ import annotations

import json

import pytest

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.cache.state_record import state_from_text
from airflow_provider_orgauth.cache.state_store import state_key
from airflow_provider_orgauth.exceptions import InvalidClientError

PROFILE = "/api/v1/organization/profile"


class Variables:
    """Airflow's, for one process; a write to a key that begins with ``closed`` fails."""

    def __init__(self):
        self.texts, self.closed, self.tried, self.writes = {}, "none", [], []

    def get(self, key, default=None):
        return self.texts.get(key, default)

    def set(self, key, value, description=None):
        self.tried.append(key)
        if key.startswith(self.closed):
            raise PermissionError("no")
        self.writes.append(key)
        self.texts[key] = value


@pytest.fixture
def variables(monkeypatch):
    monkeypatch.setattr(compat, "Variable", Variables(), raising=False)
    return compat.Variable


@pytest.fixture
def hook(make_hook, variables):
    return make_hook(cache="variable")


def state(variables, hook):
    return state_from_text(variables.texts.get(state_key(hook._settings.client)))


def record_writes(variables):
    return [key for key in variables.writes if key.startswith("orgauth_state_")]


def test_a_renewal_is_written_down_once(hook, variables, clockwork, orgauth_emulator):
    for _ in range(3):
        hook.run(PROFILE)

    [renewal] = state(variables, hook).renewals
    assert len(record_writes(variables)) == 1
    assert renewal.lifetime == 300
    assert abs(renewal.issued_at - clockwork.clock()) < 5
    assert renewal.grant == "client_credentials"
    assert renewal.refresh_token_held
    assert renewal.by.connection_id == "orgauth_default"
    assert renewal.by.host
    assert renewal.by.dag_id is None
    assert state(variables, hook).server == orgauth_emulator.url
    assert state(variables, hook).connection_ids == ("orgauth_default",)
    [hour] = state(variables, hook).hours
    assert (hour.requests, hour.failures) == (1, 0)


def test_a_refresh_is_told_from_a_grant(hook, variables, clockwork):
    hook.run(PROFILE)
    clockwork.advance(280)
    hook.run(PROFILE)

    kept = state(variables, hook)
    assert [renewal.grant for renewal in kept.renewals] == ["refresh_token", "client_credentials"]
    assert kept.renewals[0].generation > kept.renewals[1].generation


def test_who_finds_the_token_writes_nothing(hook, make_hook, variables):
    hook.run(PROFILE)
    memory.TOKENS.clear()  # as in another process
    make_hook(cache="variable").run(PROFILE)

    assert len(record_writes(variables)) == 1


def test_a_refusal_is_written_down_with_what_to_do(connect, variables, orgauth_emulator, clockwork):
    hook = connect({"cache": "variable"}, password="another-secret")
    for _ in range(5):
        with pytest.raises(InvalidClientError):
            hook.run(PROFILE)
    failure = state(variables, hook).failure
    assert failure.error == "InvalidClientError"
    assert "Check Client ID and Client secret" in failure.message
    assert failure.is_permanent
    assert len(record_writes(variables)) == 1  # the same failure again is no news for half a minute

    clockwork.advance(31)
    with pytest.raises(InvalidClientError):
        hook.run(PROFILE)
    assert len(record_writes(variables)) == 2
    assert sum(hour.failures for hour in state(variables, hook).hours) == 2


def test_no_secret_is_in_the_record(hook, connect, variables, orgauth_emulator, clockwork):
    hook.run(PROFILE)
    clockwork.advance(280)
    hook.run(PROFILE)
    wrong = connect({"cache": "variable"}, password="another-secret")
    with pytest.raises(InvalidClientError):
        wrong.run(PROFILE)

    record = variables.texts[state_key(hook._settings.client)]
    refresh_tokens = orgauth_emulator._run(lambda: list(orgauth_emulator._core.tokens._refresh))
    access_tokens = [token for token, _ in orgauth_emulator.issued()]
    assert len(access_tokens) == 2
    assert refresh_tokens
    secrets = ["another-secret", orgauth_emulator.client_secret, *access_tokens, *refresh_tokens]
    assert [secret for secret in secrets if secret in record] == []
    assert "orgauth2:" not in record
    assert not any("secret" in key or "token" in key for key in variables.writes if key.startswith("orgauth_state"))


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"server": 1}', "x" * 100_000, "\ud800", "[" * 5000, 7])
def test_a_broken_record_harms_nothing(hook, variables, text):
    variables.texts[state_key(hook._settings.client)] = text
    assert hook.run(PROFILE).ok

    assert len(state(variables, hook).renewals) == 1


def test_a_record_that_cannot_be_written_fails_nothing(hook, variables, caplog):
    variables.closed = "orgauth_state_"
    assert hook.run(PROFILE).ok

    assert state(variables, hook) is None
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


def test_while_variables_are_out_of_reach_no_record_is_tried(hook, variables):
    variables.closed = "orgauth_"
    assert hook.run(PROFILE).ok

    assert variables.tried
    assert not any(key.startswith("orgauth_state_") for key in variables.tried)


@pytest.mark.parametrize("cache", ["memory", "xcom"])
def test_where_no_variable_is_shared_none_is_written(make_hook, variables, cache):
    assert make_hook(cache=cache).run(PROFILE).ok

    assert variables.texts == {}


def test_the_record_is_json_with_plain_names(hook, variables):
    hook.run(PROFILE)

    record = json.loads(variables.texts[state_key(hook._settings.client)])
    assert {"server", "token_server", "connection_ids", "renewals", "failure", "forgotten", "hours"} == record.keys()
