"""``/_stats``, ``/_requests`` and the rest of the emulator's own endpoints."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime

import pytest
from emulator_client import API, Client, basic

from airflow_provider_orgauth.emulator import CLIENT_ID, CLIENT_SECRET


def test_counts(client, emulator):
    _, refresh = client.tokens()
    client.refresh(refresh)
    client.refresh(refresh)
    client.token(header=None, grant_type="client_credentials", client_id=CLIENT_ID, client_secret="wrong")
    client.token(data={"grant_type": "client_credentials"})
    client.login().get("/profile")
    client.get("/devices")
    client.get("/devices", size="x")
    client.get("/nothing/here")
    emulator.fault("reset", "/profile")
    with pytest.raises(OSError, match="reset"):
        client.get("/profile")
    assert (
        client.control("GET", "/_stats")
        == emulator.stats()
        == {
            "token_requests": 6,
            "token_requests_by_grant": {"client_credentials": 4, "refresh_token": 2},
            "token_requests_by_outcome": {"issued": 3, "invalid_grant": 1, "invalid_client": 1, "invalid_request": 1},
            "token_requests_by_status": {"200": 3, "400": 3},
            "token_requests_refused": 3,
            "credentials_in": {"header": 5, "query": 1},
            "grant_params_in": {"query": 5, "body": 1},
            "api_requests": 5,
            "api_requests_by_route": {"GET /profile": 2, "GET /devices": 2, "GET (unknown)": 1},
            "api_requests_by_status": {"200": 2, "400": 1, "404": 1, "reset": 1},
            "file_requests_by_status": {},
            "faults": {"reset": 1},
            "connections": 1,
            "access_tokens_seen": 1,
            "jobs_created": 0,
            "shipments_created": 0,
        }
    )


def test_connections_and_tokens_are_told_apart(emulator):
    for _ in range(3):
        Client(emulator).login().get("/profile")
    stats = emulator.stats()
    assert (stats["connections"], stats["access_tokens_seen"]) == (3, 3)
    seen = [(one["connection"], one["access_token"]) for one in emulator.requests() if one["auth_scheme"] == "Bearer"]
    assert seen == [(1, 1), (2, 2), (3, 3)]


def test_control_endpoints_are_not_counted(client, emulator):
    before = emulator.stats()
    for path in ("/_stats", "/_requests", "/_settings"):
        client.control("GET", path)
    assert emulator.stats() == before
    assert emulator.requests() == []


def test_no_secret_is_kept_or_printed(client, emulator, capfd, caplog):
    caplog.set_level("DEBUG")
    access, refresh = client.tokens()
    client.refresh(refresh)
    client.token(header=None, grant_type="client_credentials", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    client.profile_with(access)
    client.send("GET", f"{API}/device", params={"deviceId": "9" * 30, "x": CLIENT_SECRET})
    kept = json.dumps(
        [emulator.requests(), emulator.stats(), client.control("GET", "/_settings"), client.control("GET", "/_stats")]
    )
    printed = "".join(capfd.readouterr())
    emulated = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("urllib3"))
    header = basic(CLIENT_ID, CLIENT_SECRET).removeprefix("Basic ")
    for secret in (access, refresh, CLIENT_SECRET, header):
        assert secret not in kept + printed + emulated
    assert "refresh_token" in json.dumps(emulator.requests())


def test_requests_are_bounded(client, emulator):
    client.login()
    for _ in range(1005):
        client.get("/profile")
    kept = emulator.requests()
    assert len(kept) == 1000
    assert kept[-1] == {
        "method": "GET",
        "path": f"{API}/profile",
        "query": [],
        "headers": ["accept", "accept-encoding", "authorization", "connection", "host", "user-agent"],
        "auth_scheme": "Bearer",
        "access_token": 1,
        "body_bytes": 0,
        "status": 200,
        "connection": 1,
    }


def test_settings_at_run_time(client, emulator):
    shown = client.control("POST", "/_settings", {"token_lifetime": 60, "latency": 0})
    assert shown["token_lifetime"] == 60
    assert client.token().json()["expires_in"] == 60
    assert client.control("GET", "/_settings") == shown
    assert "client_secret" not in shown


@pytest.mark.parametrize(
    "change",
    [{"nothing": 1}, {"seed": 2}, {"token_lifetime": "60"}, {"token_lifetime": 0}, {"rotation": "off"}, {"chunked": 1}],
)
def test_wrong_settings_change_nothing(client, emulator, change):
    before = emulator.settings()
    answer = client.send("POST", "/_settings", json={"latency": 1.0, **change})
    assert answer.status_code == 400
    assert next(iter(change)) in answer.json()["error"]["message"]
    with pytest.raises(ValueError, match=next(iter(change))):
        emulator.settings(**change)
    assert emulator.settings() == before


@pytest.mark.parametrize("path", ["/profile", "/nothing"])
def test_answers_are_dated_by_the_emulators_clock(client, emulator, path):
    emulator.advance(500)
    before = int(emulator._core.now())
    date = parsedate_to_datetime(client.login().get(path).headers["Date"]).timestamp()

    assert before <= date <= emulator._core.now()


def test_revoke_and_advance_over_http(client):
    first, _ = client.tokens()
    second, _ = client.tokens()
    assert client.control("POST", "/_revoke", {"access_token": first}) == {"revoked": 1}
    assert client.profile_with(second).status_code == 200
    assert client.control("POST", "/_revoke") == {"revoked": 1}
    third, _ = client.tokens()
    client.control("POST", "/_advance", {"seconds": 301})
    assert client.profile_with(third).status_code == 401
    assert client.send("POST", "/_advance", json={"seconds": "soon"}).status_code == 400


def test_reset_goes_back_to_the_start(client, emulator):
    first = client.tokens()
    client.login().send("DELETE", f"{API}/device", params={"deviceId": 1})
    emulator.settings(token_lifetime=1)
    emulator.fault("reset")
    emulator.advance(10_000)
    client.control("POST", "/_reset")
    assert abs(emulator._core.now() - time.time()) < 60
    assert emulator.stats()["token_requests"] == emulator.stats()["connections"] == 0
    assert client.profile_with(first[0]).status_code == 401
    assert client.tokens() == first
    assert client.login().get("/device", deviceId=1).status_code == 200
    assert emulator.stats()["connections"] == 1


def test_unknown_control_endpoints_name_the_known_ones(client):
    answer = client.send("GET", "/_nothing")
    assert answer.status_code == 404
    assert "GET /_stats" in answer.json()["error"]["message"]
