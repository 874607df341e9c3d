"""The switches of the API."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pytest
from emulator_client import API, Client, message

from airflow_provider_orgauth.emulator import running_emulator


def seconds_of(date):
    return parsedate_to_datetime(date).timestamp()


@pytest.mark.parametrize("challenge", [True, False])
@pytest.mark.parametrize("body", ["json", "html"])
def test_how_an_expired_bearer_is_refused(client, emulator, challenge, body):
    emulator.settings(bearer_challenge=challenge, bearer_answer=body)
    access, _ = client.tokens()
    emulator.advance(301)
    answer = client.profile_with(access)
    assert answer.status_code == 401
    assert ("WWW-Authenticate" in answer.headers) is challenge
    if body == "json":
        assert message(answer) == "Access token is invalid or expired."
    else:
        assert (answer.headers["Content-Type"], answer.content) == ("text/html", b"")


def test_scope_not_enabled(client, emulator):
    client.login()
    emulator.settings(api_scope_enabled=False)
    answer = client.get("/profile")
    assert answer.status_code == 403
    assert message(answer) == "Platform API scope is not enabled for this oauth client."


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_rate_limit(client, emulator, form):
    emulator.settings(rate_limit=2, retry_after=form)
    client.login()
    assert [client.get("/profile").status_code for _ in range(2)] == [200, 200]
    answer = client.get("/profile")
    assert answer.status_code == 429
    retry_after = answer.headers.get("Retry-After")
    if form == "seconds":
        assert 1 <= int(retry_after) <= 60
    elif form == "date":
        assert 0 <= seconds_of(retry_after) - seconds_of(answer.headers["Date"]) <= 61
    else:
        assert retry_after is None
    emulator.advance(60)
    assert client.get("/profile").status_code == 200


def test_newest_first_shifts_the_pages(client, emulator):
    client.login()
    emulator.settings(newest_first=True)
    first = [device["id"] for device in client.get("/devices", size=10).json()["content"]]
    assert first == sorted(first, reverse=True)
    client.send("POST", f"{API}/device/create", json={"templateId": 353, "name": "Shift"})
    second = [device["id"] for device in client.get("/devices", size=10, page=1).json()["content"]]
    assert second[0] == first[-1]


def test_page_size(client, emulator):
    client.login()
    emulator.settings(page_size=20)
    assert len(client.get("/devices").json()["content"]) == 20


def test_latency(client, emulator):
    client.login()
    emulator.settings(latency=0.2)
    before = time.monotonic()
    assert client.get("/profile").status_code == 200
    assert time.monotonic() - before >= 0.2


def test_max_request_bytes(client, emulator):
    emulator.settings(max_request_bytes=10)
    assert client.login().send("POST", f"{API}/device/create", data=b" " * 11).status_code == 413


def test_the_same_seed_gives_the_same_devices_and_tokens():
    def seen(seed: int):
        with running_emulator(seed=seed, devices=30) as emulator:
            client = Client(emulator)
            tokens = [client.tokens() for _ in range(2)]
            return tokens, client.login().get("/devices").json()

    assert seen(1) == seen(1)
    tokens, devices = seen(1)
    other_tokens, other_devices = seen(2)
    assert len(set(sum(tokens + other_tokens, ()))) == 8
    assert devices["content"][0]["token"] != other_devices["content"][0]["token"]


def test_the_clock_is_injected():
    now = [1_000_000.0]
    with running_emulator(devices=1, clock=lambda: now[0]) as emulator:
        client = Client(emulator)
        access, _ = client.tokens()
        assert client.profile_with(access).status_code == 200
        now[0] += 300
        assert client.profile_with(access).status_code == 401
