"""Shipments that run, pause, finish, are stopped, or run for ever: by requests and by script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulator_client import API, message

from airflow_provider_orgauth.emulator import Emulator, running_emulator

START = 1_760_000_000


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock stands still until it is advanced."""
    with running_emulator(devices=20, token_lifetime=1_000_000, clock=lambda: float(START)) as running:
        yield running


@pytest.fixture
def api(client):
    return client.login()


def create(api, **body) -> int:
    answer = api.send("POST", f"{API}/shipment/create", json={"deviceIds": [1, 2, 3, 4], **body})
    assert answer.status_code == 201
    return answer.json()["id"]


def poll(api, number: int = 1):
    return api.get("/shipment", shipmentId=number).json()


def stop(api, number: int = 1):
    return api.send("PUT", f"{API}/shipment/stop", params={"shipmentId": number})


def test_what_a_shipment_shows(api, emulator):
    emulator.script_shipments({"status": "FINISH", "seconds": 10, "failures": 1})
    running = api.send("POST", f"{API}/shipment/create", json={"title": "Firmware 2", "deviceIds": [1, 2, 3, 4]}).json()
    emulator.advance(12)
    finished = poll(api)

    zeros = dict.fromkeys(
        (
            "requestSent",
            "firmwareRequested",
            "firmwareUploaded",
            "firmwareUploadedToMobile",
            "firmwareTypeMismatch",
            "downloadLimitReached",
            "rollback",
            "firmwareVersionMismatch",
        ),
        0,
    )
    begun = {"started": 4, "success": 0, "uploadFailure": 0, "total": 4, "failure": 0, "pending": 4}
    ended = {"started": 0, "success": 3, "uploadFailure": 1, "total": 4, "failure": 1, "pending": 0}
    common = {"id": 1, "title": "Firmware 2", "orgId": 578, "startedAt": START * 1000}
    assert running == {**common, "status": "RUN", "finishedAt": 0, "shipmentProgress": {**zeros, **begun}}
    # It ended when it was due, not when somebody looked.
    ended_at = (START + 10) * 1000
    assert finished == {**common, "status": "FINISH", "finishedAt": ended_at, "shipmentProgress": {**zeros, **ended}}


def test_it_runs_for_ever(api, emulator):
    emulator.script_shipments()
    create(api)
    emulator.advance(100_000)
    assert {poll(api)["status"] for _ in range(50)} == {"RUN"}


def test_it_pauses_and_goes_on(api, emulator):
    emulator.script_shipments(
        {"status": "PAUSE", "polls": 2}, {"status": "RUN", "seconds": 60}, {"status": "FINISH", "polls": 2}
    )
    create(api)
    assert [poll(api)["status"] for _ in range(4)] == ["RUN", "PAUSE", "PAUSE", "PAUSE"]
    emulator.advance(59)
    assert poll(api)["status"] == "PAUSE"
    emulator.advance(1)
    seen = [poll(api) for _ in range(3)]
    assert [one["status"] for one in seen] == ["RUN", "FINISH", "FINISH"]
    assert [one["shipmentProgress"]["success"] for one in seen] == [2, 4, 4]


def test_what_comes_first_counts(api, emulator):
    emulator.script_shipments({"status": "FINISH", "polls": 2, "seconds": 10}, times=0)
    first, second = create(api), create(api)
    assert [poll(api, first)["status"] for _ in range(2)] == ["RUN", "FINISH"]
    emulator.advance(10)
    assert poll(api, second)["status"] == "FINISH"


def test_steps_that_nobody_saw_come_in_their_time(api, emulator):
    emulator.script_shipments(
        {"status": "PAUSE", "seconds": 10}, {"status": "RUN", "seconds": 10}, {"status": "FINISH", "seconds": 10}
    )
    create(api)
    emulator.advance(25)
    assert poll(api)["status"] == "RUN"
    emulator.advance(1000)
    assert poll(api)["finishedAt"] == (START + 30) * 1000


def test_stop_is_for_what_runs_or_pauses(api, emulator):
    emulator.script_shipments({"status": "PAUSE"}, {"status": "RUN", "seconds": 9}, {"status": "FINISH", "seconds": 9})
    emulator.script_shipments({"status": "FINISH", "seconds": 10})
    paused, running = create(api), create(api)
    emulator.advance(5)
    assert (stop(api, paused).status_code, stop(api, running).status_code) == (200, 200)
    emulator.advance(1000)
    assert {poll(api, one)["status"] for one in (paused, running)} == {"CANCEL"}
    # What was done stays done.
    assert poll(api, running)["shipmentProgress"]["success"] == 2
    assert poll(api, running)["finishedAt"] == (START + 5) * 1000
    again = stop(api, running)
    assert (again.status_code, message(again)) == (400, "Shipment is CANCEL already.")
    assert stop(api, 99).status_code == 404


def test_delete_is_for_what_has_ended(api):
    def delete(number: int):
        return api.send("DELETE", f"{API}/shipment", params={"shipmentId": number})

    create(api)
    early = delete(1)
    assert (early.status_code, message(early)) == (400, "Shipment is RUN: stop it first.")
    stop(api)
    assert (delete(1).status_code, delete(1).status_code) == (204, 404)
    assert create(api) == 2


def test_the_list_is_an_array_and_no_poll(api, emulator):
    emulator.script_shipments({"status": "FINISH", "polls": 1})
    create(api, title="One")
    create(api, title="Two")
    for _ in range(3):
        assert [(one["title"], one["status"]) for one in api.get("/shipments").json()] == [
            ("One", "RUN"),
            ("Two", "RUN"),
        ]
    poll(api)
    assert [one["status"] for one in api.get("/shipments", orgId=578).json()] == ["FINISH", "RUN"]
    assert api.get("/shipments", orgId=579).json() == []
    assert api.get("/shipments", orgId=1).status_code == 404


def test_a_script_for_one_that_runs_already(api, emulator):
    create(api)
    poll(api)
    emulator.script_shipments({"status": "FINISH", "polls": 2}, shipment_id=1)
    assert [poll(api)["status"] for _ in range(2)] == ["RUN", "FINISH"]
    with pytest.raises(ValueError, match="the shipment is FINISH already: nothing follows that"):
        emulator.script_shipments({"status": "RUN"}, shipment_id=1)


def test_what_has_no_script_goes_by_the_settings_as_they_are_now(api, emulator):
    emulator.settings(shipment_polls=0, shipment_seconds=0)
    create(api)
    emulator.script_shipments()
    create(api)
    emulator.advance(100_000)
    assert (poll(api, 1)["status"], poll(api, 2)["status"]) == ("RUN", "RUN")
    emulator.settings(shipment_polls=2)
    assert (poll(api, 1)["status"], poll(api, 2)["status"]) == ("FINISH", "RUN")
