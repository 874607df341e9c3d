"""Scripts over HTTP: devices that come and go, what waits, where things stand, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulator_client import API, message

from airflow_provider_orgauth.emulator import Emulator, running_emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock stands still until it is advanced."""
    with running_emulator(devices=20, token_lifetime=1_000_000, clock=lambda: 1_760_000_000.0) as running:
        yield running


@pytest.fixture
def api(client):
    return client.login()


def connected(api, device: int = 1) -> bool:
    return api.get("/device/online", deviceId=device).json()["connected"]


def test_a_device_goes_offline_and_comes_back(api, emulator):
    script = [{"connected": False, "seconds": 60}, {"connected": True, "polls": 2}, {"connected": False, "polls": 1}]
    assert api.control("POST", "/_devices", {"deviceId": 1, "script": script}) == {"scripted": 1}
    assert connected(api)
    emulator.advance(60)
    assert [connected(api) for _ in range(4)] == [False, True, False, False]
    assert connected(api, 2)


def test_a_device_goes_offline_at_once_and_stays(api, emulator):
    emulator.script_device(1, {"connected": False})
    emulator.advance(100_000)
    assert not connected(api)
    assert emulator.devices() == [{"deviceId": 1, "connected": False, "polls": 1, "script": []}]


def test_a_new_script_replaces_the_old_and_counts_from_now(api, emulator):
    emulator.script_device(10, {"connected": True, "seconds": 50})
    emulator.advance(40)
    emulator.script_device(10, {"connected": True, "seconds": 50})
    emulator.advance(49)
    assert not connected(api, 10)
    emulator.advance(1)
    assert connected(api, 10)


def test_a_deleted_device_takes_its_script_along(api, emulator):
    emulator.script_device(1, {"connected": False})
    api.send("DELETE", f"{API}/device", params={"deviceId": 1})
    assert emulator.devices() == []
    with pytest.raises(ValueError, match="Device 1 is not found"):
        emulator.script_device(1, {"connected": False})


def test_cleared_scripts(api):
    api.control("POST", "/_devices", {"deviceId": 1, "script": [{"connected": False}]})
    assert api.control("DELETE", "/_devices") == {"scripted": 0}
    assert connected(api)
    for path, create in (("/_shipments", "/shipment/create"), ("/_jobs", "/job/create")):
        api.control("POST", path, {"script": [], "times": 0})
        assert api.control("DELETE", path) == {"waiting": 0}
        api.send("POST", API + create, json={})
        assert api.control("GET", path)[0]["script"] != []


def test_scripts_wait_for_what_will_be_created_in_their_order(api, emulator):
    assert api.control("POST", "/_jobs", {"script": [{"status": "DONE"}], "times": 2}) == {"waiting": 1}
    assert api.control("POST", "/_jobs", {"script": [{"status": "FAILED", "message": "no"}], "times": 0}) == {
        "waiting": 2
    }
    statuses = [api.send("POST", f"{API}/job/create", json={}).json()["status"] for _ in range(5)]
    assert statuses == ["DONE", "DONE", "FAILED", "FAILED", "FAILED"]


def test_where_things_stand_is_no_poll(api, emulator):
    script = [
        {"status": "PAUSE", "seconds": 5.0},
        {"status": "RUN", "polls": 3, "seconds": 60.0},
        {"status": "FINISH", "failures": 2},
    ]
    api.control("POST", "/_shipments", {"script": script})
    api.send("POST", f"{API}/shipment/create", json={"title": "T", "deviceIds": [1]})
    api.get("/shipment", shipmentId=1)
    for _ in range(3):
        assert emulator.shipments() == [{"shipmentId": 1, "title": "T", "status": "RUN", "polls": 1, "script": script}]
    emulator.advance(5)
    assert api.control("GET", "/_shipments") == [
        {"shipmentId": 1, "title": "T", "status": "PAUSE", "polls": 1, "script": script[1:]}
    ]
    api.control("POST", "/_jobs", {"script": [{"status": "FAILED", "polls": 1, "message": "no"}]})
    api.send("POST", f"{API}/job/create", json={"reference": "R"})
    assert api.control("GET", "/_jobs") == [
        {
            "jobId": 1,
            "reference": "R",
            "status": "RUNNING",
            "polls": 0,
            "script": [{"status": "FAILED", "polls": 1, "message": "no"}],
        }
    ]


WRONG = [
    ("/_shipments", {}, "script is missing: a list of steps; an empty one lets all stay as it is"),
    ("/_shipments", {"script": {"status": "RUN"}}, "script wants a list of steps"),
    ("/_shipments", {"script": ["RUN"]}, "script step 1 wants an object"),
    ("/_shipments", {"script": [{}]}, "script step 1 wants status: RUN, PAUSE, FINISH, CANCEL"),
    ("/_shipments", {"script": [{"status": "DONE"}]}, "script step 1 wants status: RUN, PAUSE, FINISH, CANCEL"),
    (
        "/_shipments",
        {"script": [{"status": "FINISH"}, {"status": "RUN"}]},
        "script step 1 is FINISH: nothing follows that",
    ),
    (
        "/_shipments",
        {"script": [{"status": "RUN", "after": 1}]},
        "script step 1 has no 'after'; known: status, polls, seconds, failures",
    ),
    (
        "/_shipments",
        {"script": [{"status": "RUN"}, {"status": "PAUSE", "polls": 0}]},
        "script step 2: polls wants a whole number from 1 to 2147483647",
    ),
    (
        "/_shipments",
        {"script": [{"status": "RUN", "polls": True}]},
        "script step 1: polls wants a whole number from 1 to 2147483647",
    ),
    (
        "/_shipments",
        {"script": [{"status": "RUN", "seconds": -1}]},
        "script step 1: seconds wants a number from 0 to 315360000",
    ),
    (
        "/_shipments",
        {"script": [{"status": "RUN", "seconds": 10**400}]},
        "script step 1: seconds wants a number from 0 to 315360000",
    ),
    (
        "/_shipments",
        {"script": [{"status": "RUN", "failures": 1}]},
        "script step 1: failures is for status FINISH only",
    ),
    ("/_shipments", {"script": [], "shipmentId": "1"}, "shipmentId wants a whole number from 1 to 2147483647"),
    ("/_shipments", {"script": [], "shipmentId": 1}, "Shipment is not found."),
    ("/_shipments", {"script": [], "times": -1}, "times wants a whole number from 0 to 2147483647"),
    (
        "/_shipments",
        {"script": [], "times": 1, "shipmentId": 1},
        "times is for those that will be created, without shipmentId",
    ),
    ("/_shipments", {"script": [], "jobId": 1}, "the request has no 'jobId'; known: shipmentId, script, times"),
    ("/_shipments", [], "The request body is not a JSON object."),
    ("/_jobs", {"script": [{"status": "FAILED", "message": 5}]}, "script step 1: message wants a text"),
    ("/_jobs", {"script": [{"status": "DONE", "message": "no"}]}, "script step 1: message is for status FAILED only"),
    ("/_jobs", {"script": [], "jobId": 1}, "Job 1 is not found."),
    ("/_devices", {"script": []}, "deviceId is missing"),
    ("/_devices", {"script": [], "deviceId": 1, "times": 1}, "the request has no 'times'; known: deviceId, script"),
    ("/_devices", {"deviceId": 1, "script": [{"connected": 1}]}, "script step 1 wants connected: true, false"),
    ("/_devices", {"deviceId": 999, "script": []}, "Device 999 is not found."),
]


@pytest.mark.parametrize(("path", "body", "said"), WRONG)
def test_a_wrong_script_is_one_error_and_changes_nothing(api, emulator, path, body, said):
    answer = api.send("POST", path, json=body)
    assert (answer.status_code, message(answer)) == (404 if "not found" in said else 400, said)
    assert api.control("DELETE", "/_shipments") == {"waiting": 0}
    assert (emulator.devices(), emulator.jobs()) == ([], [])


@pytest.mark.parametrize("seconds", [b"NaN", b"1e999", b"1e300", b"-1e300", b"9" * 400])
def test_the_clock_stays_where_dates_can_tell_it(api, emulator, seconds):
    answer = api.send("POST", "/_advance", data=b'{"seconds": %s}' % seconds)
    assert answer.status_code == 400
    assert message(answer)
    assert emulator._core.now() == 1_760_000_000
    assert api.get("/profile").status_code == 200
    for far in (float("inf"), float("nan"), 10**400):
        with pytest.raises(ValueError, match="seconds would move the clock out of the years 1970 to 9999"):
            emulator.advance(far)
