"""The API as the vendor documents it."""

from __future__ import annotations

import pytest
from emulator_client import API, message

OWN, BRANCHES = 120, 12


@pytest.fixture
def api(client):
    return client.login()


def test_a_call_without_a_good_token_is_401(client):
    answer = client.get("/profile")
    assert answer.status_code == 401
    assert message(answer) == "Access token is missing."
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="organization"'
    unknown = client.profile_with("unknown")
    assert unknown.status_code == 401
    assert unknown.headers["WWW-Authenticate"].endswith('error="invalid_token"')
    assert client.send("GET", f"{API}/profile", headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_profile_is_the_own_organization(api):
    answer = api.get("/profile")
    assert answer.status_code == 200
    assert answer.json()["id"] == 578


def test_a_device_has_the_documented_fields(api):
    device = api.get("/devices", size=1).json()["content"][0]
    assert list(device) == [
        "id",
        "name",
        "templateId",
        "originalTemplateId",
        "orgId",
        "token",
        "activatedAt",
        "ownerUserId",
        "hardwareInfo",
    ]
    assert set(device["hardwareInfo"]) == {
        "version",
        "fwType",
        "blynkVersion",
        "boardType",
        "build",
        "templateId",
    }


def test_pages_of_devices_cover_all_of_them_once(api):
    pages = [api.get("/devices", page=page).json() for page in range(4)]
    assert [len(page["content"]) for page in pages] == [50, 50, 20, 0]
    assert {page["totalElements"] for page in pages} == {OWN}
    ids = [device["id"] for page in pages for device in page["content"]]
    assert len(set(ids)) == OWN
    assert {device["orgId"] for page in pages for device in page["content"]} == {578}


def test_a_larger_size_is_clamped(api, emulator):
    emulator.settings(page_limit=100)
    page = api.get("/devices", size=1000).json()
    assert (len(page["content"]), page["totalElements"]) == (100, OWN)
    second = api.get("/devices", size=1000, page=1).json()
    assert len(second["content"]) == 20


@pytest.mark.parametrize("params", [{"page": -1}, {"size": 0}, {"size": "many"}, {"page": "1.5"}, {"orgId": "x"}])
def test_wrong_numbers_are_400(api, params):
    answer = api.get("/devices", **params)
    assert answer.status_code == 400
    assert next(iter(params)) in message(answer)


def test_branches_are_separate_unless_asked_for(api):
    assert api.get("/devices", includeSubOrgDevices="true", size=1).json()["totalElements"] == OWN + BRANCHES
    branch = api.get("/devices", orgId=579).json()
    assert branch["totalElements"] == len(branch["content"]) > 0
    assert {device["orgId"] for device in branch["content"]} == {579}
    assert api.get("/devices", orgId=1).status_code == 404


def test_search_devices(api):
    everything = api.get("/devices", includeSubOrgDevices="true", size=1000).json()["content"]
    wanted = {device["id"] for device in everything if "pump" in device["name"].lower()}
    found = api.get("/search/devices", query="PUMP", size=1000).json()
    assert {device["id"] for device in found["content"]} == wanted
    assert found["totalElements"] == len(wanted) > 0
    names = [
        device["name"]
        for device in api.get("/search/devices", query="pump", sortBy="name", sortOrder="DESC").json()["content"]
    ]
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize("params", [{}, {"query": ""}, {"query": "x" * 256}, {"query": "x", "sortBy": "token"}])
def test_wrong_searches_are_400(api, params):
    answer = api.get("/search/devices", **params)
    assert answer.status_code == 400
    assert message(answer)


def test_a_device_in_full(api):
    listed = api.get("/devices", size=1).json()["content"][0]
    device = api.get("/device", deviceId=listed["id"]).json()
    assert {**device, **listed} == device
    assert {value["pin"] for value in device["dataStreamValues"]} == {"V0", "V1", "V2", "V3"}
    assert device["metaFieldValues"]


@pytest.mark.parametrize("path", ["/device", "/device/online", "/device/tags"])
def test_unknown_devices_are_404_and_no_device_is_400(api, path):
    answer = api.get(path, deviceId=999_999)
    assert answer.status_code == 404
    assert "999999" in message(answer)
    assert api.get(path).status_code == 400


def test_a_devices_life(api, emulator):
    body = {"templateId": 353, "name": "New one", "ownerId": 879, "orgId": 578}
    created = api.send("POST", f"{API}/device/create", json=body)
    assert created.status_code == 201
    device = created.json()
    assert (device["id"], device["name"], device["ownerUserId"]) == (OWN + BRANCHES + 1, "New one", 879)
    assert api.get("/devices", size=1).json()["totalElements"] == OWN + 1

    renamed = api.send("PUT", f"{API}/device", params={"deviceId": device["id"]}, json={"name": "Newer"})
    assert renamed.json()["name"] == "Newer"
    assert api.get("/device", deviceId=device["id"]).json()["name"] == "Newer"

    gone = api.send("DELETE", f"{API}/device", params={"deviceId": device["id"]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert api.send("DELETE", f"{API}/device", params={"deviceId": device["id"]}).status_code == 404
    assert api.get("/device", deviceId=device["id"]).status_code == 404


@pytest.mark.parametrize("change", [{"templateId": 1}, {"ownerId": 1}, {"orgId": 1}])
def test_create_with_something_unknown_is_404(api, change):
    body = {"templateId": 353, "name": "New", "ownerId": 879, "orgId": 578, **change}
    answer = api.send("POST", f"{API}/device/create", json=body)
    assert answer.status_code == 404
    assert message(answer)
    assert api.get("/devices", size=1).json()["totalElements"] == OWN


@pytest.mark.parametrize("body", [{}, {"name": "x" * 51}, {"name": "x", "templateId": "353"}, {"name": 5}, []])
def test_create_with_a_wrong_body_is_400(api, body):
    answer = api.send("POST", f"{API}/device/create", json=body)
    assert answer.status_code == 400
    assert message(answer)
    assert api.send("POST", f"{API}/device/create", data="{").status_code == 400


def test_online_and_tags(api):
    assert api.get("/device/online", deviceId=1).json() == {"connected": True}
    assert api.get("/device/online", deviceId=10).json() == {"connected": False}
    assert api.get("/device/tags", deviceId=1).json() == []
    assert [tag["name"] for tag in api.get("/device/tags", deviceId=6).json()] == ["floor-1", "floor-2"]


def test_history_by_the_minute(api):
    start = 1_760_000_040_000
    assert start % 60_000 == 0
    span = {"deviceId": 1, "pin": "V1", "from": start, "to": start + 10 * 60_000}
    page = api.get("/device/datastream/history", size=4, page=2, **span).json()
    assert page["totalElements"] == 11
    assert [row["createdAt"] for row in page["content"]] == [start + n * 60_000 for n in (8, 9, 10)]
    assert page == api.get("/device/datastream/history", size=4, page=2, **{**span, "pin": "1"}).json()
    around = {**span, "from": start - 1, "to": start + 10 * 60_000 + 59_999}
    assert api.get("/device/datastream/history", size=4, page=2, **around).json() == page
    other = api.get("/device/datastream/history", size=4, page=2, **{**span, "pin": "V2"}).json()
    assert [row["value"] for row in other["content"]] != [row["value"] for row in page["content"]]
    assert api.get("/device/datastream/history", deviceId=1).status_code == 400
    assert api.get("/device/datastream/history", deviceId=1, pin="V9").status_code == 404


def test_history_lasts_from_activation_to_now(api, emulator):
    activated = api.get("/device", deviceId=1).json()["activatedAt"]
    begin = {"deviceId": 1, "pin": "V0", "from": 0, "to": activated + 60_000}
    assert api.get("/device/datastream/history", **begin).json()["totalElements"] == 1
    now = emulator._core.now() * 1000
    future = {"deviceId": 1, "pin": "V0", "from": int(now) + 60_000, "to": int(now) + 10 * 60_000}
    assert api.get("/device/datastream/history", **future).json() == {"content": [], "totalElements": 0}
    emulator.advance(600)
    assert api.login().get("/device/datastream/history", **future).json()["totalElements"] > 0


def test_a_written_value_is_there_from_now_on(api):
    written = api.send(
        "POST", f"{API}/device/datastream", params={"deviceId": 3}, json={"dataStreamId": 2, "value": "warm"}
    )
    assert (written.status_code, written.content) == (204, b"")
    values = api.get("/device", deviceId=3).json()["dataStreamValues"]
    assert {value["id"]: value["value"] for value in values}[2] == "warm"
    history = api.get("/device/datastream/history", deviceId=3, pin="V1", size=1000, page=1).json()
    assert "warm" in [row["value"] for row in history["content"]]
    assert [row["createdAt"] for row in history["content"]] == sorted(row["createdAt"] for row in history["content"])
    wrong = api.send("POST", f"{API}/device/datastream", params={"deviceId": 3}, json={"dataStreamId": 9, "value": 1})
    assert wrong.status_code == 404


def test_users_and_organizations(api):
    users = api.get("/users", size=1000).json()
    assert users["totalElements"] == len(users["content"]) == 24
    assert api.get("/search").json()["totalElements"] == 4
    assert [org["name"] for org in api.get("/search", query="branch 2").json()["content"]] == ["Branch 2"]


def test_a_shipment_finishes_by_polls(api, emulator):
    emulator.settings(shipment_polls=3)
    created = api.send("POST", f"{API}/shipment/create", json={"title": "Firmware 2", "deviceIds": [1, 2, 3]})
    assert created.status_code == 201
    assert created.json()["status"] == "RUN"
    seen = [api.get("/shipment", shipmentId=created.json()["id"]).json() for _ in range(4)]
    assert [one["status"] for one in seen] == ["RUN", "RUN", "FINISH", "FINISH"]
    assert [one["shipmentProgress"]["success"] for one in seen] == [1, 2, 3, 3]


def test_a_shipment_finishes_by_time(api, emulator):
    emulator.settings(shipment_polls=0, shipment_seconds=30)
    number = api.send("POST", f"{API}/shipment/create", json={}).json()["id"]
    assert api.get("/shipment", shipmentId=number).json()["status"] == "RUN"
    emulator.advance(31)
    assert api.get("/shipment", shipmentId=number).json()["status"] == "FINISH"
    assert api.get("/shipment", shipmentId=99).status_code == 404
    assert api.send("POST", f"{API}/shipment/create", json={"deviceIds": [999_999]}).status_code == 404


def test_unknown_paths_and_methods(api):
    assert api.get("/nothing").status_code == 404
    assert api.send("GET", "/profile").status_code == 404
    wrong = api.send("POST", f"{API}/devices")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET")


def test_a_request_over_2_mb_is_413_and_the_connection_lives(api, emulator):
    answer = api.send("POST", f"{API}/device/create", data=b" " * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert api.send("POST", f"{API}/device/create", data=b" " * 20_000_000).status_code == 413
    assert message(answer)
    assert api.send("POST", f"{API}/device/create", data=b" " * (2 * 1024 * 1024)).status_code == 400
    assert emulator.stats()["connections"] == 1


def test_a_body_that_cannot_be_read_is_400(api):
    answer = api.send("POST", f"{API}/device/create", data=b"no gzip", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert message(answer) == "The request body cannot be read."
