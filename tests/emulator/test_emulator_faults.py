"""Each fault, where it hits, and whether the request was carried out."""

from __future__ import annotations

import time

import pytest
import requests
from emulator_client import API, TOKEN

from airflow_provider_orgauth.emulator import Fault


@pytest.fixture
def api(client):
    return client.login()


def devices(emulator) -> int:
    """How many devices there are, seen without a request that a fault could hit."""
    return len(emulator._core.organization.devices)


def create(api) -> requests.Response:
    return api.send("POST", f"{API}/device/create", json={"templateId": 353, "name": "New"})


def test_status(api, emulator):
    emulator.fault("status", "/profile", status=502, times=2, headers={"X-Seen": "yes"})
    answers = [api.get("/profile") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [502, 502, 200]
    assert answers[0].headers["X-Seen"] == "yes"
    assert answers[0].json() == {"error": {"message": "Emulated fault."}}
    emulator.fault("status", TOKEN, body="busy", headers={"Content-Type": "text/plain"})
    answer = api.token()
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (503, "busy", "text/plain")


def test_reset_comes_before_the_request_is_carried_out(api, emulator):
    before = devices(emulator)
    emulator.fault("reset", "/device/create")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        create(api)
    assert devices(emulator) == before
    assert create(api).status_code == 201


def test_reset_after_carries_it_out(api, emulator):
    before = devices(emulator)
    emulator.fault("reset_after", "/device/create")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        create(api)
    assert devices(emulator) == before + 1


def test_reset_after_spends_a_refresh_token(client, emulator):
    _, refresh = client.tokens()
    emulator.fault("reset_after", TOKEN)
    with pytest.raises(requests.ConnectionError):
        client.refresh(refresh)
    assert client.refresh(refresh).json()["error"] == "invalid_grant"
    assert emulator.stats()["token_requests_by_outcome"] == {"issued": 2, "invalid_grant": 1}


def test_truncate_sends_half_of_the_real_answer(api, emulator):
    before = devices(emulator)
    emulator.fault("truncate", "/device/create")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        create(api)
    assert devices(emulator) == before + 1


def test_html(api, emulator):
    emulator.fault("html", "/profile")
    answer = api.get("/profile")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_empty(api, emulator):
    emulator.fault("empty", "/profile", status=403)
    answer = api.get("/profile")
    assert (answer.status_code, answer.content) == (403, b"")


def test_slow_is_carried_out_though_the_client_does_not_wait(api, emulator):
    emulator.fault("slow", "/profile", delay=0.2)
    before = time.monotonic()
    assert api.get("/profile").status_code == 200
    assert time.monotonic() - before >= 0.2
    count = devices(emulator)
    emulator.fault("slow", "/device/create", delay=5)
    with pytest.raises(requests.ReadTimeout):
        api.send("POST", f"{API}/device/create", json={"templateId": 353, "name": "Late"}, timeout=0.3)
    assert devices(emulator) == count + 1


def test_stall_sends_half_and_then_nothing(api, emulator):
    emulator.fault("stall", "/profile")
    answer = api.send("GET", f"{API}/profile", stream=True, timeout=0.3)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) > 2
    with pytest.raises(requests.ConnectionError, match="timed out"):
        _ = answer.content


def test_redirect_leads_to_another_host_without_the_query(client, emulator):
    emulator.fault("redirect", TOKEN)
    answer = client.token()
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"https://other-region.invalid{TOKEN}"
    emulator.fault("redirect", TOKEN, status=302, headers={"Location": "http://localhost/x"})
    answer = client.token()
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost/x")


def test_raw_is_sent_as_it_is(api, emulator):
    emulator.fault("raw", "/profile", status=299, headers=[["X-A", "1"], ["X-A", "2"]], body="ünicode")
    answer = api.get("/profile")
    assert (answer.status_code, answer.headers["X-A"], answer.content.decode()) == (299, "1, 2", "ünicode")
    emulator.faults(Fault(kind="raw", path="/profile", headers={"Content-Length": "10"}, body=b"\xff"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("/profile")


def test_act_turns_a_status_into_a_lie(api, emulator):
    before = devices(emulator)
    emulator.fault("status", "/device/create", status=504, act=True)
    assert create(api).status_code == 504
    assert devices(emulator) == before + 1


@pytest.mark.parametrize(
    ("path", "hits"),
    [
        ("/device", False),
        ("/device/online", True),
        (f"{API}/device/online", True),
        ("/device/", True),
        ("/device*", True),
        ("/devices", False),
        (f"{API}/", True),
        ("/", True),
        (TOKEN, False),
    ],
)
def test_which_paths_are_hit(api, emulator, path, hits):
    emulator.fault("status", path)
    assert api.get("/device/online", deviceId=1).status_code == (503 if hits else 200)


def test_skip_method_times_and_order(api, emulator):
    emulator.faults(
        {"kind": "status", "path": "/profile", "status": 501, "skip": 1},
        {"kind": "status", "path": "/profile", "status": 502, "method": "PUT"},
        {"kind": "status", "path": "/profile", "status": 500},
    )
    assert [api.get("/profile").status_code for _ in range(3)] == [500, 501, 200]
    assert api.send("PUT", f"{API}/profile").status_code == 502
    emulator.fault("status", "/profile", times=0)
    assert [api.get("/profile").status_code for _ in range(3)] == [503] * 3
    emulator.clear_faults()
    assert api.get("/profile").status_code == 200


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"kind": "earthquake"}, "earthquake"),
        ({}, "kind"),
        ({"kind": "reset", "status": "503"}, "status"),
        ({"kind": "status", "status": 42}, "42"),
        ({"kind": "reset", "times": -1}, "times"),
        ({"kind": "reset", "pth": "/"}, "pth"),
        ({"kind": "raw", "body_base64": "?"}, "base64"),
        ({"kind": "raw", "headers": 5}, "headers"),
        ({"kind": "reset", "act": "no"}, "act"),
    ],
)
def test_wrong_faults_are_refused_by_name(client, emulator, fault, word):
    with pytest.raises(ValueError, match=word):
        emulator.faults(fault)
    answer = client.send("POST", "/_faults", json=fault)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]
    assert client.token().status_code == 200


def test_pushed_over_http(client):
    assert client.control("POST", "/_faults", {"path": TOKEN, "kind": "status", "status": 500}) == {"waiting": 1}
    two = {"faults": [{"path": TOKEN, "kind": "raw", "body_base64": "AP8="}, {"path": TOKEN, "kind": "empty"}]}
    assert client.control("POST", "/_faults", two) == {"waiting": 3}
    answers = [client.token() for _ in range(3)]
    assert [(answer.status_code, answer.content) for answer in answers[1:]] == [(200, b"\x00\xff"), (200, b"")]
    assert answers[0].status_code == 500
    client.control("POST", "/_faults", {"kind": "reset"})
    assert client.control("DELETE", "/_faults") == {"waiting": 0}
    assert client.token().status_code == 200
