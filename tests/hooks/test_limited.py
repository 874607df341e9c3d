"""The connection's rate limit holds for every attempt at the API."""

import pytest

from airflow_provider_orgauth.paging import PageNumberPagination

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
DEVICES = f"{API}/devices"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_every_attempt_waits_for_its_turn_and_a_token_request_does_not(make_hook, orgauth_emulator, clockwork):
    hook = make_hook(rate_limit=6)
    hook.run(PROFILE)
    hook.get_conn().get(PROFILE)
    orgauth_emulator.fault("status", PROFILE, status=429)
    hook.run(PROFILE)
    orgauth_emulator.revoke(refresh_tokens=True)
    hook.run(PROFILE)  # and once more, with a new token
    list(hook.paginate(DEVICES, pagination=PageNumberPagination(size=1000), max_concurrency=1))

    sent = orgauth_emulator.stats()["api_requests"]
    assert sent == 1 + 1 + 2 + 2 + 3
    assert clockwork.ahead == pytest.approx(10 * (sent - 1), abs=2)


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_walk_keeps_the_limit_however_many_it_fetches_at_once(
    make_hook, orgauth_emulator, clockwork, max_concurrency
):
    hook = make_hook(rate_limit="3000")
    pages = hook.paginate(DEVICES, pagination=PageNumberPagination(size=5), max_concurrency=max_concurrency)
    began = clockwork.clock()

    assert [device["id"] for device in pages] == list(range(1, 2501))
    # 500 requests, 50 at once and then one every 20 ms: in sleep, and in what the test itself took.
    assert max(clockwork.slept, default=0) <= 9.2
    assert clockwork.clock() - began >= 8.9
