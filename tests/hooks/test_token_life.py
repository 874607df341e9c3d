"""The token's life through the hook, counted by the server."""

import threading
import time

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.cache.host_clock import clock_file
from airflow_provider_orgauth.cache.memory import TOKENS, MemoryStore
from airflow_provider_orgauth.client import server_clock
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

PROFILE = "/api/v1/organization/profile"


def both(clockwork, emulator, seconds):
    """Let the time pass for the client and for the server."""
    clockwork.advance(seconds)
    emulator.advance(seconds)


def test_200_calls_take_one_token_request_and_one_connection(hook, orgauth_emulator):
    for _ in range(200):
        assert hook.run(PROFILE).status_code == 200

    stats = orgauth_emulator.stats()
    assert stats["token_requests"] == 1
    assert stats["api_requests"] == 200
    assert stats["connections"] == 1


def test_another_hook_in_this_process_uses_the_same_token(make_hook, orgauth_emulator):
    assert make_hook().get_access_token() == make_hook().get_access_token()
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_any_number_of_threads_share_one_renewal(make_hook, orgauth_emulator):
    orgauth_emulator.settings(latency=0.05)  # long enough for every thread to want one meanwhile
    ready, tokens = threading.Barrier(40), []

    def work():
        hook = make_hook()
        ready.wait()
        tokens.append(hook.get_access_token())

    threads = [threading.Thread(target=work) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 40
    assert len(set(tokens)) == 1
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_threads_share_a_refusal_too_and_each_gets_its_own_error(connect, orgauth_emulator):
    orgauth_emulator.settings(latency=0.2)
    hook = connect(password="wrong")
    ready, caught = threading.Barrier(10), []

    def work():
        ready.wait()
        try:
            hook.get_access_token()
        except errors.InvalidClientError as error:
            caught.append(error)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(error) for error in caught}) == 10
    assert orgauth_emulator.stats()["token_requests"] < 10


def test_a_token_is_refreshed_from_margin_seconds_before_its_end(make_hook, orgauth_emulator, clockwork):
    hook = make_hook(expiry_margin=30)
    first = hook.get_access_token()
    both(clockwork, orgauth_emulator, 239)
    assert hook.get_access_token() == first  # in the tenth from here on, chance decides
    both(clockwork, orgauth_emulator, 32)
    second = hook.get_access_token()

    assert second != first
    assert orgauth_emulator.stats()["token_requests_by_grant"] == {"client_credentials": 1, "refresh_token": 1}


def test_after_the_end_a_new_grant_is_asked_for(hook, orgauth_emulator, clockwork):
    first = hook.get_access_token()
    both(clockwork, orgauth_emulator, 301)

    assert hook.get_access_token() != first
    assert orgauth_emulator.stats()["token_requests_by_grant"] == {"client_credentials": 2}


def test_the_margin_is_never_more_than_half_the_lifetime(make_hook, orgauth_emulator, clockwork):
    orgauth_emulator.settings(token_lifetime=10)
    hook = make_hook(expiry_margin=3600)
    first = hook.get_access_token()
    both(clockwork, orgauth_emulator, 3.9)

    assert hook.get_access_token() == first
    both(clockwork, orgauth_emulator, 2)
    assert hook.get_access_token() != first


def test_the_lifetime_counts_from_before_the_request_was_sent(hook, orgauth_emulator):
    orgauth_emulator.settings(latency=0.3)
    before = time.time()
    hook.get_access_token()
    after = time.time()

    token = MemoryStore(hook._settings.client.fingerprint).load()
    assert before <= token.issued_at <= after - 0.3


def test_where_the_clocks_agree_a_token_costs_no_correction_and_no_file(orgauth_emulator, monkeypatch):
    hook = OrgAuthHook(orgauth_emulator.set_connection(monkeypatch, cache="memory"))
    hook.get_access_token()

    assert hook._tokens.clock.now is time.time
    assert clock_file(orgauth_emulator.url).read() is None


@pytest.mark.parametrize("ahead", [300, -300])
def test_the_next_process_of_a_host_knows_how_far_its_clock_is_off(orgauth_emulator, monkeypatch, ahead):
    connection = orgauth_emulator.set_connection(monkeypatch, cache="memory")
    orgauth_emulator.advance(ahead)
    OrgAuthHook(connection).get_access_token()
    server_clock.CLOCKS.clear()
    clock = OrgAuthHook(connection)._tokens.clock
    assert clock.now() == pytest.approx(time.time(), abs=2)  # nothing is read before it is needed
    clock.reread()

    assert clock.now() == pytest.approx(time.time() + ahead, abs=3)


@pytest.mark.parametrize("rotation", ["new", "same", "none"])
@pytest.mark.parametrize("refresh_kills_access", [True, False])
def test_every_kind_of_rotation_lives_on(make_hook, orgauth_emulator, clockwork, rotation, refresh_kills_access):
    orgauth_emulator.settings(
        rotation=rotation, revoke_family=True, refresh_kills_access=refresh_kills_access, refresh_lifetime=86400
    )
    hook = make_hook()
    for _ in range(4):
        assert hook.run(PROFILE).status_code == 200
        both(clockwork, orgauth_emulator, 280)

    stats = orgauth_emulator.stats()
    assert stats["api_requests_by_status"] == {"200": 4}
    assert stats["token_requests_refused"] == 0


@pytest.mark.parametrize("kind", ["reset_after", "truncate", "empty"])
def test_a_refresh_whose_answer_was_lost_is_not_repeated_but_granted_anew(make_hook, orgauth_emulator, clockwork, kind):
    orgauth_emulator.settings(revoke_family=True)
    hook = make_hook()
    hook.get_access_token()
    both(clockwork, orgauth_emulator, 280)
    orgauth_emulator.fault(kind, "/oauth2/token", act=True)

    assert hook.run(PROFILE).status_code == 200
    assert orgauth_emulator.stats()["token_requests_by_grant"] == {"client_credentials": 2, "refresh_token": 1}
    assert clockwork.slept == []


@pytest.mark.parametrize("answer", ["json", "html"])
@pytest.mark.parametrize("challenge", [True, False])
def test_a_401_renews_once_and_replays_once(hook, orgauth_emulator, answer, challenge):
    orgauth_emulator.settings(bearer_answer=answer, bearer_challenge=challenge)
    hook.run(PROFILE)
    orgauth_emulator.revoke(refresh_tokens=True)

    assert hook.run(PROFILE).json()["name"]
    stats = orgauth_emulator.stats()
    assert stats["api_requests_by_status"] == {"200": 2, "401": 1}
    assert stats["token_requests_by_outcome"]["issued"] == 2


def test_a_post_is_replayed_after_401_with_its_body(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.revoke()
    device = hook.run(
        "/api/v1/organization/device/create",
        method="POST",
        json={"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578},
    ).json()

    assert device["name"] == "new one"
    assert orgauth_emulator.stats()["api_requests_by_status"] == {"401": 1, "201": 1}


def test_401_again_with_a_new_token_is_an_error_and_no_loop(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.fault("status", "/api/v1/organization/", status=401, times=100)

    with pytest.raises(errors.ApiUnauthorizedError) as caught:
        hook.run(PROFILE)
    assert caught.value.status == 401
    assert orgauth_emulator.stats()["faults"] == {"status": 2}
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_a_401_of_many_threads_is_one_renewal(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.revoke(refresh_tokens=True)
    ready, statuses = threading.Barrier(8), []

    def work():
        ready.wait()
        statuses.append(hook.run(PROFILE).status_code)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert orgauth_emulator.stats()["token_requests_by_outcome"]["issued"] == 2


def test_a_403_renews_nothing_and_is_never_sent_again(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.settings(api_scope_enabled=False)

    with pytest.raises(errors.ApiForbiddenError, match="scope is not enabled") as caught:
        hook.run(PROFILE)
    assert "administrator" in str(caught.value)
    assert orgauth_emulator.stats()["api_requests"] == 1
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_server_that_answers_with_the_same_token_again_is_no_endless_loop(hook, orgauth_emulator):
    orgauth_emulator.settings(token_answer={"access_token": "always-the-same", "refresh_token": None})
    with pytest.raises(errors.ApiUnauthorizedError):
        hook.run(PROFILE)  # the emulator knows no such token
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_a_changed_secret_leaves_the_old_token_unused(connect, orgauth_emulator):
    first = connect().get_access_token()
    orgauth_emulator.settings(client_secret="another-secret")
    second = connect(password="another-secret").get_access_token()

    assert first != second
    assert orgauth_emulator.stats()["token_requests"] == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"expires_in": None},
        {"expires_in": 0},
        {"expires_in": "300"},
        {"token_type": "bearer"},
        {"token_type": None},
        {"refresh_token": None},
        {"scope": "all", "extra": [1]},
    ],
    ids=str,
)
def test_token_answers_as_they_come_in_the_wild_work(hook, orgauth_emulator, answer):
    orgauth_emulator.settings(token_answer=answer)

    assert hook.run(PROFILE).status_code == 200
    assert hook.run(PROFILE).status_code == 200
    assert orgauth_emulator.stats()["token_requests"] == 1
    assert orgauth_emulator.requests()[-1]["auth_scheme"] == "Bearer"  # whatever case the answer has


def test_a_chunked_token_answer(hook, orgauth_emulator):
    orgauth_emulator.settings(chunked=True)

    assert hook.run(PROFILE).json()["id"] == 578


def test_a_new_process_starts_without_a_token(hook, orgauth_emulator):
    first = hook.get_access_token()
    TOKENS.clear()

    assert hook.get_access_token() != first
