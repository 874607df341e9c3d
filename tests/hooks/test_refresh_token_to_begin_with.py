"""A connection with a refresh token to begin with: what is sent, what is refused, what Test does."""

from __future__ import annotations

import json
import logging

import pytest
import requests
from variables_in_memory import VariablesInMemory

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.cache.store_choice import refresh_tokens_of
from airflow_provider_orgauth.exceptions import ConfigurationError, InvalidGrantError, TokenUnavailableError

PROFILE = "/api/v1/organization/profile"


@pytest.fixture
def variables(monkeypatch):
    variables = VariablesInMemory()
    monkeypatch.setattr(compat, "Variable", variables)
    return variables


@pytest.fixture
def first(orgauth_emulator):
    """A refresh token as an administrator gets it, of a server that ends a family at a second use."""
    orgauth_emulator.settings(refresh_lifetime=86400, revoke_family=True, rate_limit=0)
    answer = requests.post(
        f"{orgauth_emulator.url}/oauth2/token",
        params={"grant_type": "client_credentials"},
        auth=(orgauth_emulator.client_id, orgauth_emulator.client_secret),
        timeout=10,
    )
    return answer.json()["refresh_token"]


@pytest.fixture
def seeded(make_hook, first, variables):
    """Return a function that makes a hook as another process has it; keywords are fields of the extra."""

    def make(**extra):
        from airflow_provider_orgauth.cache import memory

        memory.TOKENS.clear()
        refresh_tokens_of.cache_clear()
        return make_hook(**{"cache": "variable", "refresh_token": first, **extra})

    return make


def grants(emulator):
    asked = dict(emulator.stats()["token_requests_by_grant"])
    asked["client_credentials"] -= 1  # the administrator's
    return {name: number for name, number in asked.items() if number}


def test_each_renewal_is_a_refresh_with_the_newest(seeded, orgauth_emulator, clockwork):
    for _ in range(4):
        assert seeded().run(PROFILE).status_code == 200
        clockwork.advance(400)
        orgauth_emulator.advance(400)

    assert grants(orgauth_emulator) == {"refresh_token": 4}
    assert "invalid_grant" not in orgauth_emulator.stats()["token_requests_by_outcome"]


@pytest.mark.parametrize("rotation", ["same", "none"])
def test_on_a_server_that_gives_no_other_one_nothing_is_kept(seeded, orgauth_emulator, clockwork, variables, rotation):
    orgauth_emulator.settings(rotation=rotation)
    for _ in range(3):
        seeded().run(PROFILE)
        clockwork.advance(400)
        orgauth_emulator.advance(400)

    assert grants(orgauth_emulator) == {"refresh_token": 3}
    assert variables.of("refresh") is None


def test_a_401_is_answered_with_a_refresh(seeded, orgauth_emulator):
    hook = seeded()
    hook.run(PROFILE)
    orgauth_emulator.revoke()

    assert hook.run(PROFILE).status_code == 200
    assert grants(orgauth_emulator) == {"refresh_token": 2}


def test_two_scopes_share_one_refresh_token(seeded, orgauth_emulator):
    seeded().run(PROFILE)
    seeded(scope="devices:read").run(PROFILE)

    assert grants(orgauth_emulator) == {"refresh_token": 2}
    assert "invalid_grant" not in orgauth_emulator.stats()["token_requests_by_outcome"]


def test_a_spent_one_is_the_end_and_the_error_says_what_to_do(seeded, variables, orgauth_emulator):
    seeded().run(PROFILE)
    variables.texts.clear()
    refresh_tokens_of.cache_clear()

    with pytest.raises(InvalidGrantError, match=r"put it into the connection's refresh_token \(Refresh token to begin"):
        seeded(refresh_token="one-that-the-server-never-gave").run(PROFILE)


@pytest.mark.parametrize("method", ["get", "set"])
def test_where_variables_are_out_of_reach_nothing_is_sent(seeded, variables, orgauth_emulator, method):
    def away(called, key):
        if called == method:
            raise ConnectionError("away")

    variables.before = away
    with pytest.raises(TokenUnavailableError, match=r"The refresh token was not sent .* Check that tasks can read and"):
        seeded().run(PROFILE)
    assert grants(orgauth_emulator) == {}


def test_where_the_rotated_one_cannot_be_kept_the_error_log_says_so_and_the_host_goes_on(
    seeded, variables, orgauth_emulator, clockwork, caplog, first
):
    def away(called, key):
        if called == "set" and "refresh" in key:
            raise ConnectionError("away")

    variables.before = away
    seeded().run(PROFILE)
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    clockwork.advance(400)
    orgauth_emulator.advance(400)
    seeded().run(PROFILE)

    assert "all hosts need it, but it could not be kept in the Variable orgauth_refresh_" in told.getMessage()
    assert grants(orgauth_emulator) == {"refresh_token": 2}
    assert "invalid_grant" not in orgauth_emulator.stats()["token_requests_by_outcome"]


def test_a_busy_token_endpoint_is_asked_again_in_a_turn_of_its_own(seeded, orgauth_emulator):
    orgauth_emulator.fault("status", "/oauth2/token", status=503, times=2)

    assert seeded().run(PROFILE).status_code == 200
    assert "invalid_grant" not in orgauth_emulator.stats()["token_requests_by_outcome"]


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"cache": "memory"}, "cache"),
        ({"cache": "xcom"}, "cache"),
        ({"oauth_params": {"grant_type": "account_credentials"}}, "oauth_params"),
        ({"oauth_params": {"refresh_token": "x"}}, "oauth_params"),
        ({"refresh_token": "two words"}, "refresh_token"),
        ({"refresh_token": "pässword"}, "refresh_token"),
        ({"refresh_token": 12345678}, "refresh_token"),
    ],
)
def test_what_it_does_not_go_with_is_refused_and_both_fields_are_named(seeded, extra, field):
    with pytest.raises(ConfigurationError) as caught:
        seeded(**extra).run(PROFILE)

    assert caught.value.field.startswith(f"{field} (")
    assert "refresh_token (Refresh token to begin with)" in str(caught.value)
    assert "two words" not in str(caught.value)


def test_a_test_asks_under_the_same_agreement_and_keeps_what_comes(seeded, variables, orgauth_emulator):
    works, said = seeded().test_connection()

    assert works, said
    assert "refresh_token grant works" in said
    assert seeded().run(PROFILE).status_code == 200
    assert grants(orgauth_emulator) == {"refresh_token": 1}
    assert variables.of("refresh") is not None


def test_a_test_asks_nothing_where_tasks_share_a_token(seeded, orgauth_emulator):
    seeded().run(PROFILE)
    works, said = seeded().test_connection()

    assert works, said
    assert "Nothing was asked now" in said
    assert grants(orgauth_emulator) == {"refresh_token": 1}


@pytest.mark.parametrize("method", ["get", "set"])
def test_a_test_where_variables_are_out_of_reach_spends_nothing(seeded, variables, orgauth_emulator, method):
    def away(called, key):
        if called == method:
            raise ConnectionError("away")

    variables.before = away
    works, said = seeded().test_connection()

    assert not works
    assert "A Test does not send it from here; the first task does" in said
    assert grants(orgauth_emulator) == {}


def test_a_test_of_a_spent_one_says_what_to_do(seeded):
    works, said = seeded(refresh_token="one-that-the-server-never-gave").test_connection()

    assert not works
    assert "Get a new refresh token from the server" in said


def test_no_text_shows_the_first_one_or_one_that_came_later(seeded, variables, caplog, first):
    caplog.set_level(logging.DEBUG)
    hook = seeded()
    hook.run(PROFILE)
    settings = hook._settings
    newest = refresh_tokens_of(settings.client.family_fingerprint, first).load().text
    seen = [caplog.text, json.dumps(variables.texts), repr(settings), repr(settings.client)]

    assert newest != first
    for secret in (first, newest):
        assert not [text for text in seen if secret in text]
        assert secret not in str(compat.secrets_masker().redact(f"it is {secret}."))
