"""When a request is sent again, after how long, and with which body."""

from datetime import UTC, datetime

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
CREATE = f"{API}/device/create"
DEVICE = {"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_idempotent_request_is_sent_again_when_the_server_is_busy(hook, orgauth_emulator, clockwork, status, method):
    hook.get_access_token()
    orgauth_emulator.fault("status", f"{API}/", status=status, times=2)
    hook.run(f"{API}/device", method=method, params={"deviceId": 1}, json={"name": "x"} if method == "PUT" else None)

    assert len(clockwork.slept) == 2
    assert 0 <= clockwork.slept[0] <= 0.5
    assert 0 <= clockwork.slept[1] <= 1.0


@pytest.mark.parametrize("status", [400, 404, 409, 413, 418, 422, 500, 501])
def test_other_statuses_are_final(hook, orgauth_emulator, clockwork, status):
    orgauth_emulator.fault("status", PROFILE, status=status)

    with pytest.raises(errors.ApiError) as caught:
        hook.run(PROFILE)
    assert caught.value.status == status
    assert clockwork.slept == []


@pytest.mark.parametrize("kind", ["reset", "reset_after", "truncate"])
def test_a_get_whose_answer_did_not_come_is_sent_again(hook, orgauth_emulator, clockwork, kind):
    hook.get_access_token()
    orgauth_emulator.fault(kind, PROFILE)

    assert hook.run(PROFILE).json()["id"] == 578
    assert len(clockwork.slept) == 1


@pytest.mark.parametrize("kind", ["status", "reset_after", "reset", "truncate"])
def test_a_post_is_not_sent_again_when_the_server_may_have_acted(hook, orgauth_emulator, clockwork, kind):
    hook.get_access_token()
    orgauth_emulator.fault(kind, CREATE)

    with pytest.raises((errors.ApiServerError, errors.ApiConnectionError)):
        hook.run(CREATE, method="POST", json=DEVICE)
    assert clockwork.slept == []


@pytest.mark.parametrize("kind", ["status", "reset_after"])
def test_with_an_idempotency_key_a_post_is_sent_again(hook, orgauth_emulator, clockwork, kind):
    hook.get_access_token()
    orgauth_emulator.fault(kind, CREATE)

    assert hook.run(CREATE, method="POST", json=DEVICE, headers={"Idempotency-Key": "k"}).status_code == 201
    assert len(clockwork.slept) == 1


def test_a_post_that_met_429_did_nothing_and_is_sent_again(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.fault("status", CREATE, status=429)

    assert hook.run(CREATE, method="POST", json=DEVICE).status_code == 201


def test_a_post_that_never_reached_the_server_is_sent_again(monkeypatch, clockwork):
    with running_emulator() as emulator:
        emulator.set_connection(monkeypatch, cache="memory", max_attempts=3)
        hook = OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)
        hook.get_access_token()

    with pytest.raises(errors.ApiConnectionError, match="refused"):
        hook.run(CREATE, method="POST", json=DEVICE)
    assert len(clockwork.slept) == 2


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for_in_both_forms(hook, orgauth_emulator, clockwork, form):
    hook.get_access_token()
    wait = (
        "7" if form == "seconds" else datetime.fromtimestamp(clockwork.clock() + 8, UTC).strftime("%a, %d %b %Y %T GMT")
    )
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": wait})
    hook.run(PROFILE)

    assert len(clockwork.slept) == 1
    assert 6 < clockwork.slept[0] <= 9


def test_a_token_that_dies_during_a_wait_is_renewed_before_the_next_attempt(hook, orgauth_emulator, clockwork):
    orgauth_emulator.settings(token_lifetime=40)
    hook.run(PROFILE)
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": "50"})
    orgauth_emulator.advance(50)
    hook.run(PROFILE)

    assert orgauth_emulator.stats()["api_requests_by_status"].get("401") is None
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_attempts_are_those_of_the_connection(make_hook, orgauth_emulator, clockwork):
    hook = make_hook(max_attempts=2)
    orgauth_emulator.fault("status", PROFILE, status=503, times=9)

    with pytest.raises(errors.ApiServerError, match="answered 503"):
        hook.run(PROFILE)
    assert len(clockwork.slept) == 1


def test_a_body_that_cannot_be_sent_twice_still_gets_the_next_one_a_new_token(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.revoke(refresh_tokens=True)
    body = b'{"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}'
    with pytest.raises(errors.ApiUnauthorizedError):
        hook.run(CREATE, method="POST", data=(part for part in [body]))

    assert hook.run(CREATE, method="POST", data=(part for part in [body])).status_code == 201


def test_a_401_with_an_endless_body_is_replayed_all_the_same(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=401, body="x" * 1_000_000)
    answer = hook.run(PROFILE)

    assert answer.json()["id"] == 578
    assert len(answer.history[0].content) <= 64 * 1024


def test_cancel_looks_nothing_up():
    OrgAuthHook("no_such_connection").cancel()


def test_a_body_that_cannot_be_sent_twice_is_sent_once(hook, orgauth_emulator, clockwork):
    hook.get_access_token()
    orgauth_emulator.fault("status", CREATE, status=429)

    with pytest.raises(errors.ApiRateLimitedError):
        hook.run(CREATE, method="POST", data=(chunk for chunk in [b"{}"]))
    assert clockwork.slept == []


def test_a_file_is_sent_again_from_where_it_was(hook, orgauth_emulator, tmp_path):
    hook.get_access_token()
    orgauth_emulator.revoke()
    orgauth_emulator.fault("status", CREATE, status=429)
    path = tmp_path / "device.json"
    path.write_text(f'{{"templateId": 353, "name": "{"x" * 40}", "ownerId": 879, "orgId": 578}}')
    with path.open("rb") as file:
        answer = hook.run(CREATE, method="POST", data=file, headers={"Content-Type": "application/json"})

    assert answer.json()["name"] == "x" * 40


def test_a_server_that_does_not_answer_in_time(make_hook, orgauth_emulator):
    hook = make_hook(timeout=0.2, max_attempts=1)
    hook.get_access_token()
    orgauth_emulator.fault("slow", PROFILE, delay=30)

    with pytest.raises(errors.ApiConnectionError, match=r"no answer within 0\.2 s"):
        hook.run(PROFILE)
