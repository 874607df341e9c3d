"""A watcher neither dies nor asks without pause, whatever is wrong; and it is at work again when it is mended."""

from __future__ import annotations

import json
import logging

import pytest
from watchings import API, Store

from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger

ONLINE = {"endpoint": f"{API}/device/online", "params": {"deviceId": 7}}
OFFLINE = {"when": "connected == `false`"}
HOUR_SECONDS = 3600


def errors_in(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_wrong_credentials_are_tried_seldom_and_told_once_and_mended(watching, monkeypatch, caplog):
    good = json.loads(watching.emulator.connection_json(cache="memory"))
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps({**good, "password": "wrong"}))
    watching.emulator.script_device(7, {"connected": True, "polls": 1}, {"connected": False, "polls": 2})
    mended = {HOUR_SECONDS: lambda: monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(good))}
    events = watching.run(OrgApiEventTrigger(ONLINE, **OFFLINE), seconds=HOUR_SECONDS + 700, meanwhile=mended)

    assert len(events) == 1
    assert watching.emulator.stats()["token_requests"] <= HOUR_SECONDS / 270 + 3
    assert len(errors_in(caplog)) in (1, 2)  # once more after an hour
    assert "at work again" in caplog.text or len(errors_in(caplog)) == 1


def test_a_connection_that_is_not_there_yet(watching, monkeypatch, caplog):
    good = watching.emulator.connection_json(cache="memory")
    trigger = OrgApiEventTrigger(ONLINE, **OFFLINE, org_conn_id="later")
    watching.emulator.script_device(7, {"connected": True, "polls": 1}, {"connected": False, "polls": 2})
    comes = {500: lambda: monkeypatch.setenv("AIRFLOW_CONN_LATER", good)}

    assert len(watching.run(trigger, seconds=1000, meanwhile=comes)) == 1
    assert len(errors_in(caplog)) == 1
    assert "later" in errors_in(caplog)[0]


def test_a_connection_that_is_broken_later_and_mended(watching, monkeypatch, caplog):
    good = json.loads(watching.emulator.connection_json(cache="memory"))
    bad = {**good, "extra": {**good["extra"], "timeout": "soon"}}
    watching.emulator.script_device(7, {"connected": True, "polls": 1})

    def put(connection):
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))

    def mend():
        watching.emulator.script_device(7, {"connected": False, "polls": 1})
        put(good)

    events = watching.run(
        OrgApiEventTrigger(ONLINE, **OFFLINE), seconds=2500, meanwhile={300: lambda: put(bad), 1500: mend}
    )

    assert len(events) == 1
    assert len(errors_in(caplog)) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_followed_by_a_long_pause(watching, caplog, status):
    watching.emulator.fault("status", "/device/online", status=status, times=1000)
    assert watching.run(OrgApiEventTrigger(ONLINE, **OFFLINE, poke_interval=1), seconds=HOUR_SECONDS) == []
    assert len(watching.looks()) <= 2 * (HOUR_SECONDS / 270 + 1)  # after a 401, each is repeated with a new token
    assert len(errors_in(caplog)) == 1


def test_an_outage_is_told_once_and_no_change_is_lost(watching, caplog):
    watching.emulator.script_device(7, {"connected": True, "polls": 1}, {"connected": False, "polls": 4})
    watching.emulator.fault("status", "/device/online", status=503, skip=2, times=20)
    events = watching.run(OrgApiEventTrigger(ONLINE, **OFFLINE), seconds=4000)

    assert len(events) == 1
    assert errors_in(caplog) == []
    said = [record for record in caplog.records if "tells nothing" in record.getMessage()]
    assert [record.levelno for record in said] == [logging.WARNING]
    assert "at work again" in caplog.text


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"v": 2, "request": ONLINE, **OFFLINE}, "Upgrade the triggerer"),
        ({"v": 1, "request": {"endpoint": 7}, **OFFLINE}, "has no endpoint"),
        ({"v": 1, "request": {**ONLINE, "headers": {"Authorization": "Bearer abc"}}, **OFFLINE}, "holds a credential"),
        ({"v": 1, "request": ONLINE, "when": "connected =="}, "when"),
        ({"v": 1, "request": ONLINE, "when": 404.5}, "TypeError"),
        ({"v": 1, "request": ONLINE, "poke_interval": "often", **OFFLINE}, "ValueError"),
        ({"v": 1, "request": ONLINE, "fields": 7, **OFFLINE}, "fields"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_stored_arguments_that_cannot_work_end_nothing(watching, caplog, stored, said):
    trigger = OrgApiEventTrigger(**stored)  # Airflow's triggerer dies of what this raises
    assert trigger.shared_stream_key()
    assert watching.run(trigger, seconds=1000) == []
    assert 1 <= len(errors_in(caplog)) <= 20
    assert said in errors_in(caplog)[0]
    assert "Bearer abc" not in caplog.text


def test_arguments_of_later_versions_are_left_out(watching):
    watching.emulator.script_device(7, {"connected": True, "polls": 1}, {"connected": False, "polls": 2})
    trigger = OrgApiEventTrigger(**{"v": 1, "request": ONLINE, **OFFLINE, "invented_later": [1]})
    assert len(watching.run(trigger, seconds=300)) == 1


@pytest.mark.parametrize(
    ("fields", "left_out"), [({"all": "@"}, ["fields"]), ({"none": "abs(name)"}, ["fields"]), ({"name": "name"}, None)]
)
@pytest.mark.parametrize("orgauth_emulator_settings", [{"devices": 400}])
def test_what_does_not_fit_is_left_out_and_the_change_is_told(watching, caplog, fields, left_out):
    page = {"endpoint": f"{API}/devices", "params": {"page": 0, "size": 1000}}
    trigger = OrgApiEventTrigger(page, when="totalElements > `3`", fields=fields, tell_first=True)
    (event,) = watching.run(trigger, seconds=100, store=Store())

    assert event.get("left_out") == left_out
    assert ("fields" in event) == (left_out is None)
    assert bool(errors_in(caplog)) == (left_out is not None)
    assert len(json.dumps(event)) < 64 * 1024
