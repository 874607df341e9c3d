"""A new token that the API rejects while Variables are out of reach, through all that sends requests."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
import requests

from airflow_provider_orgauth import compat
from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.cache.memory import TOKENS
from airflow_provider_orgauth.cache.seal import seal_of
from airflow_provider_orgauth.cache.shared_key import new_key
from airflow_provider_orgauth.cache.shared_name import shared_name
from airflow_provider_orgauth.cache.token_record import to_text
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.outage import REPLAY_PATIENCE_SECONDS
from airflow_provider_orgauth.oauth.token import Token

PROFILE = "/api/v1/organization/profile"
DEVICES = "/api/v1/organization/devices"
CREATE = "/api/v1/organization/device/create"


class Variables:
    """Airflow's, for one process, where the test says whether they can be reached."""

    def __init__(self) -> None:
        self.texts, self.away = {}, True

    def get(self, key, default=None):
        if self.away:
            raise ConnectionError
        return self.texts.get(key, default)

    def set(self, key, value, description=None):
        if self.away:
            raise ConnectionError
        self.texts[key] = value


@pytest.fixture
def variables(monkeypatch):
    monkeypatch.setattr(compat, "Variable", Variables(), raising=False)
    return compat.Variable


@pytest.fixture
def hook(make_hook, variables):
    return make_hook(cache="variable")


def share(variables, client, token):
    """Save ``token`` as another host does."""
    key, name = new_key(), shared_name(client)
    variables.texts[f"orgauth_token_key_{name}"] = key
    variables.texts[f"orgauth_shared_{name}"] = seal_of(client).with_key(key).close(to_text(token))


def reject(emulator, path, times):
    """Answer 401 as to a token that another host has ended meanwhile."""
    emulator.fault("status", path, status=401, times=times)


def by_auth(hook, tmp_path):
    return requests.get(hook.get_conn()._server.url(PROFILE), auth=hook.auth, timeout=10).json()["id"]


SENDERS = {
    "run": (PROFILE, lambda hook, _: hook.run(PROFILE).json()["id"]),
    "session": (PROFILE, lambda hook, _: hook.get_conn().get(PROFILE).json()["id"]),
    "auth": (PROFILE, by_auth),
    "pages": (DEVICES, lambda hook, _: list(hook.paginate(DEVICES, pagination="page_number"))),
    "download": (PROFILE, lambda hook, tmp_path: hook.download(PROFILE, tmp_path / "profile.json")["bytes"]),
}


@pytest.mark.parametrize("sender", SENDERS)
def test_it_is_waited_out_and_replayed(hook, orgauth_emulator, clockwork, tmp_path, sender):
    path, send = SENDERS[sender]
    reject(orgauth_emulator, path, 3)

    assert send(hook, tmp_path)
    stats = orgauth_emulator.stats()
    assert stats["token_requests"] == 4  # the one at first, and after pauses of 2 to 4, 4 to 8 and 8 to 16 seconds
    assert stats["faults"] == {"status": 3}
    assert 14 <= sum(clockwork.slept) <= 28


def test_an_upload_from_a_file_begins_anew_each_time(hook, orgauth_emulator, tmp_path):
    body = tmp_path / "body.json"
    body.write_text('{"templateId": 353, "name": "Pump", "ownerId": 879, "orgId": 578}')
    reject(orgauth_emulator, CREATE, 3)
    with body.open("rb") as file:
        answer = hook.run(CREATE, method="POST", data=file, headers={"Content-Type": "application/json"})
    assert answer.json()["name"] == "Pump"


def test_a_body_that_cannot_be_sent_twice_is_not(hook, orgauth_emulator):
    hook.run(PROFILE)
    reject(orgauth_emulator, CREATE, 1)
    with pytest.raises(errors.ApiUnauthorizedError):
        hook.run(CREATE, method="POST", data=iter([b"{}"]))
    assert orgauth_emulator.stats()["faults"] == {"status": 1}


def test_an_api_that_takes_no_token_at_all_is_given_up_in_time_and_told_why(hook, orgauth_emulator, clockwork):
    reject(orgauth_emulator, PROFILE, 99)
    with pytest.raises(errors.ApiUnauthorizedError, match=r"hosts could not share one.* check that Server address"):
        hook.run(PROFILE)
    assert REPLAY_PATIENCE_SECONDS / 2 < sum(clockwork.slept) <= REPLAY_PATIENCE_SECONDS
    # The first, and one after each pause: of 2, 4, 8 seconds, and of 16 for as long as there is time, at least.
    assert orgauth_emulator.stats()["token_requests"] <= 1 + 3 + (REPLAY_PATIENCE_SECONDS - 14) // 16


def test_with_variables_it_fails_at_once(hook, variables, orgauth_emulator):
    variables.away = False
    reject(orgauth_emulator, PROFILE, 99)
    with pytest.raises(errors.ApiUnauthorizedError, match="rejected a token that was just issued"):
        hook.run(PROFILE)
    assert orgauth_emulator.stats()["faults"] == {"status": 2}
    assert orgauth_emulator.stats()["token_requests"] == 2


@pytest.mark.parametrize("left", [1, 2, 3])
def test_tokens_that_others_left_are_no_outage(hook, variables, orgauth_emulator, monkeypatch, left):
    """Hosts do share: each 401 finds the token of another one, which is as dead. Nobody is sent to mend Variables."""
    variables.away = False
    hook.run(PROFILE)
    reject(orgauth_emulator, PROFILE, 99)
    held, client = hook._tokens._memory.load(), hook._settings.client
    replays, obtain = iter(range(1, left)), BearerAuth.obtain

    def leave(number):
        token = replace(held, access_token=f"ended {number}", generation=held.generation + number)
        share(variables, client, token)

    def while_others_go_on(auth, step):
        obtained = obtain(auth, step)
        for number in islice(replays, 1 if step.rejected else 0):
            leave(number + 1)
        return obtained

    leave(1)
    monkeypatch.setattr(BearerAuth, "obtain", while_others_go_on)
    with pytest.raises(errors.ApiUnauthorizedError, match="rejected a token that was just issued"):
        hook.run(PROFILE)
    assert orgauth_emulator.stats()["faults"] == {"status": min(left + 2, 4)}


@pytest.mark.parametrize("cache", ["memory", "xcom"])
def test_where_hosts_were_never_to_share_it_fails_at_once(make_hook, variables, orgauth_emulator, cache):
    reject(orgauth_emulator, PROFILE, 99)
    with pytest.raises(errors.ApiUnauthorizedError, match="rejected a token that was just issued"):
        make_hook(cache=cache).run(PROFILE)
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_on_a_server_that_keeps_all_tokens_nothing_waits(hook, orgauth_emulator, clockwork):
    for _ in range(5):
        hook.run(PROFILE)
        TOKENS.clear()  # another process of the host
    assert orgauth_emulator.stats()["token_requests"] == 1
    clockwork.advance(300)
    orgauth_emulator.advance(300)
    hook.run(PROFILE)
    assert orgauth_emulator.stats()["token_requests"] == 2
    assert clockwork.slept == []


def test_a_killed_task_stops_waiting(hook, orgauth_emulator, clockwork):
    reject(orgauth_emulator, PROFILE, 99)

    def kill():
        hook.cancel()
        assert hook._cancelled.wait(10)

    clockwork.meanwhile = kill
    with pytest.raises(errors.TaskStoppedError):
        hook.run(PROFILE)
    assert orgauth_emulator.stats()["token_requests"] == 1


def renew_elsewhere(hook, variables, emulator):
    """Let another host get a token and share it. It has counted for itself, and is behind: that says nothing."""
    answer = requests.post(
        f"{emulator.url}/oauth2/token?grant_type=client_credentials",
        auth=(emulator.client_id, emulator.client_secret),
        timeout=10,
    ).json()
    variables.away = False
    client = hook._settings.client
    token = Token(answer["access_token"], issued_at=hook._clock(), lifetime=answer["expires_in"], generation=2)
    share(variables, client, token)


def test_when_variables_are_back_the_token_of_another_host_ends_the_wait(hook, variables, orgauth_emulator, clockwork):
    def back():
        if variables.away:
            renew_elsewhere(hook, variables, orgauth_emulator)

    clockwork.meanwhile = back
    orgauth_emulator.settings(one_living_token=True)
    reject(orgauth_emulator, PROFILE, 1)

    assert hook.run(PROFILE).ok
    assert orgauth_emulator.stats()["token_requests"] == 2  # this host's first, and the other host's


def test_nor_is_one_asked_for_where_there_was_no_wait(hook, variables, orgauth_emulator, clockwork):
    orgauth_emulator.settings(one_living_token=True)
    hook.run(PROFILE)
    clockwork.advance(10)
    renew_elsewhere(hook, variables, orgauth_emulator)

    assert hook.run(PROFILE).ok
    assert orgauth_emulator.stats()["token_requests"] == 2
    assert orgauth_emulator.stats()["api_requests_by_status"]["401"] == 1
