"""A watcher tells of each change once, whatever happens meanwhile."""

from __future__ import annotations

import logging

import pytest
from watchings import API, Store

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger

ONLINE = {"endpoint": f"{API}/device/online", "params": {"deviceId": 7}}
OFFLINE = {"when": "connected == `false`"}
PAGE = {"endpoint": f"{API}/devices", "params": {"page": 0, "size": 1000}}


def goes(emulator, *connected):
    """Let device 7 be so from look to look."""
    emulator.script_device(7, *({"connected": one, "polls": 1} for one in connected))


def create(name):
    OrgAuthHook().run(f"{API}/device/create", method="POST", json={"name": name, "templateId": 353})


def rename(device, name):
    OrgAuthHook().run(f"{API}/device", method="PUT", params={"deviceId": device}, json={"name": name})


def delete(device):
    OrgAuthHook().run(f"{API}/device", method="DELETE", params={"deviceId": device})


def test_an_event_each_time_a_device_goes_offline(watching):
    goes(watching.emulator, True, True, False, False, True, False, False)
    events = watching.run(OrgApiEventTrigger(ONLINE, **OFFLINE), seconds=650)

    assert [set(event) for event in events] == [{"v", "change"}] * 2
    assert events[0]["change"] != events[1]["change"]
    assert 9 <= len(watching.looks()) <= 13
    first, second = watching.at
    assert 100 < first < 140
    assert 150 < second - first < 210


@pytest.mark.parametrize("tell_first", [False, True])
def test_what_the_first_look_finds_is_known(watching, tell_first):
    goes(watching.emulator, False)
    store = Store()
    trigger = OrgApiEventTrigger(ONLINE, **OFFLINE, tell_first=tell_first)

    assert len(watching.run(trigger, seconds=200, store=store)) == tell_first
    assert watching.run(trigger, seconds=200, store=store) == []


def test_a_change_while_no_triggerer_runs_is_told_after_the_restart_and_once(watching):
    store, trigger = Store(), OrgApiEventTrigger(ONLINE, **OFFLINE)
    goes(watching.emulator, True)
    assert watching.run(trigger, seconds=100, store=store) == []
    goes(watching.emulator, False)

    (event,) = watching.run(trigger, seconds=200, store=store)
    assert event["change"]
    assert watching.run(trigger, seconds=200, store=store) == []
    assert store.writes == 3  # what is known, what is about to be told, what is told


def test_killed_before_the_event_was_saved_it_is_told_again_as_the_same_change(watching):
    store, trigger = Store(), OrgApiEventTrigger(ONLINE, **OFFLINE)
    goes(watching.emulator, True, False)
    (event,) = watching.run(trigger, seconds=200, store=store, is_killed_at_event=1)
    (again,) = watching.run(trigger, seconds=200, store=store)

    assert again == event
    goes(watching.emulator, True, False)
    (later,) = watching.run(trigger, seconds=300, store=store)
    assert later["change"] != event["change"]


@pytest.mark.parametrize("kills", [1, 2])
def test_killed_before_the_event_was_saved_what_comes_anew_meanwhile_is_another_change(watching, kills):
    store, trigger, changes = Store(), OrgApiEventTrigger(ONLINE, **OFFLINE), []
    goes(watching.emulator, True)
    assert watching.run(trigger, seconds=100, store=store) == []
    for _ in range(kills):
        goes(watching.emulator, False)
        changes += watching.run(trigger, seconds=200, store=store, is_killed_at_event=1)
        goes(watching.emulator, True)  # it is well again while no triggerer runs
        assert watching.run(trigger, seconds=100, store=store) == []
    goes(watching.emulator, False)
    changes += watching.run(trigger, seconds=200, store=store)

    assert len({event["change"] for event in changes}) == len(changes) == kills + 1


@pytest.mark.parametrize("orgauth_emulator_settings", [{"devices": 5}])
def test_killed_before_the_event_was_saved_what_was_told_and_what_is_new_are_told_apart(watching):
    store, trigger = Store(), OrgApiEventTrigger(PAGE, records="content", key="name")
    assert watching.run(trigger, seconds=100, store=store) == []
    rename(1, "first")
    rename(2, "second")
    told = watching.run(trigger, seconds=200, store=store, is_killed_at_event=2)
    rename(2, "other")
    rename(3, "third")
    again = watching.run(trigger, seconds=200, store=store, is_killed_at_event=2)
    last = watching.run(trigger, seconds=200, store=store)

    assert [event["key"] for event in told] == ["first", "second"]
    assert again[0] == told[0]
    assert [event["key"] for event in last] == ["other", "third"]
    assert again[1] == last[0]
    assert len({event["change"] for event in told + last}) == 4


def test_of_several_assets_the_oldest_state_counts_and_all_are_written(watching):
    class Several:
        def __init__(self, *stores):
            self._by_name = dict(enumerate(stores))

        async def aget(self, key, default=None):
            raise ValueError("Task has 3 concrete inlets and outlets")

    trigger, first, second = OrgApiEventTrigger(ONLINE, **OFFLINE), Store(), Store()
    goes(watching.emulator, True, False)
    watching.run(trigger, seconds=300, store=Several(first, second))
    assert first.values == second.values != {}
    behind = Store()
    goes(watching.emulator, True)
    watching.run(trigger, seconds=200, store=behind)
    goes(watching.emulator, False)

    assert len(watching.run(trigger, seconds=200, store=Several(first, behind, Store()))) == 1


def test_a_store_that_fails_loses_nothing(watching, caplog):
    class Failing(Store):
        is_down = True

        async def aget(self, key, default=None):
            return self._unless_down(await super().aget(key, default))

        async def aset(self, key, value):
            self._unless_down(None)
            await super().aset(key, value)

        def _unless_down(self, value):
            if self.is_down:
                raise RuntimeError("a secret of the database")
            return value

    store, trigger = Failing(), OrgApiEventTrigger(ONLINE, **OFFLINE)
    goes(watching.emulator, True, True, True, False)
    events = watching.run(trigger, seconds=400, store=store, meanwhile={300: lambda: setattr(store, "is_down", False)})

    assert len(events) == 1
    assert store.writes == 1
    assert "a secret" not in caplog.text
    assert "could not be written (RuntimeError)" in caplog.text
    assert watching.run(trigger, seconds=200, store=store) == []


def test_a_key_that_changes(watching):
    trigger = OrgApiEventTrigger(
        {"endpoint": f"{API}/device", "params": {"deviceId": 7}}, key="name", fields=["id", "token"]
    )
    changes = {100: lambda: rename(7, "a"), 200: lambda: rename(7, "b"), 300: lambda: rename(7, "a")}
    events = watching.run(trigger, seconds=400, meanwhile=changes)

    assert [event["key"] for event in events] == ["a", "b", "a"]
    assert [event["fields"] for event in events] == [{"id": 7, "token": "***"}] * 3
    assert len({event["change"] for event in events}) == 3


def test_a_key_counts_while_when_is_true(watching):
    trigger = OrgApiEventTrigger(
        {"endpoint": f"{API}/device", "params": {"deviceId": 7}}, key="name", when="starts_with(name, 'alarm')"
    )
    names = ["alarm 1", "well", "alarm 1", "alarm 2", "well again"]
    changes = {100 * number: lambda name=name: rename(7, name) for number, name in enumerate(names, start=1)}

    assert [event["key"] for event in watching.run(trigger, seconds=600, meanwhile=changes)] == [
        "alarm 1",
        "alarm 1",
        "alarm 2",
    ]


@pytest.mark.parametrize("orgauth_emulator_settings", [{"devices": 5}])
def test_records_that_are_new_and_those_that_change(watching):
    new = OrgApiEventTrigger(PAGE, records="content", fields={"called": "name", "credential": "token"})
    renamed = OrgApiEventTrigger(PAGE, records="content", key="name", when="id < `3`")
    alone = OrgApiEventTrigger(PAGE, records="content[].name")
    changes = {
        100: lambda: [create("a"), create("b")],
        200: lambda: [delete(7), rename(1, "first"), rename(4, "fourth")],
        300: lambda: create("c"),
    }

    events = watching.run(new, seconds=400, meanwhile=changes)
    assert [(event["id"], event["fields"]["called"]) for event in events] == [(6, "a"), (7, "b"), (8, "c")]
    assert {event["fields"]["credential"] for event in events} == {"***"}
    events = watching.run(renamed, seconds=200, meanwhile={100: lambda: [rename(2, "second"), rename(5, "fifth")]})
    assert [(event["id"], event["key"]) for event in events] == [(2, "second")]
    events = watching.run(alone, seconds=200, meanwhile={100: lambda: create("d")})
    assert [event["id"] for event in events] == ["d"]


def test_one_page_of_a_longer_list_is_a_loud_error_once_a_minute(watching, caplog):
    trigger = OrgApiEventTrigger({"endpoint": f"{API}/devices"}, records="content[?id == `7`]", poke_interval=10)

    assert watching.run(trigger, seconds=300) == []
    said = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert 4 <= len(said) <= 6
    assert "records looks at its records" in said[0].getMessage()
    assert len(watching.looks("/devices")) > 25


def test_a_status_is_watched(watching):
    trigger = OrgApiEventTrigger({"endpoint": f"{API}/device", "params": {"deviceId": 7}}, when=404)
    assert len(watching.run(trigger, seconds=300, meanwhile={100: lambda: delete(7)})) == 1


@pytest.mark.parametrize("orgauth_emulator_settings", [{"devices": 5}])
def test_what_is_not_there_yet(watching):
    trigger = OrgApiEventTrigger(
        {"endpoint": f"{API}/device", "params": {"deviceId": 6}}, key="name", waiting_statuses=404
    )
    assert [event["key"] for event in watching.run(trigger, seconds=300, meanwhile={100: lambda: create("new")})] == [
        "new"
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500},
        {"kind": "reset"},
        {"kind": "html"},
        {"kind": "empty"},
    ],
    ids=lambda trouble: str(trouble.get("status", trouble["kind"])),
)
def test_trouble_is_no_change(watching, trouble):
    goes(watching.emulator, False)
    trigger, store = OrgApiEventTrigger(ONLINE, **OFFLINE), Store()
    kind = trouble["kind"]
    details = {name: value for name, value in trouble.items() if name != "kind"}
    events = watching.run(
        trigger,
        seconds=1200,
        store=store,
        meanwhile={200: lambda: watching.emulator.fault(kind, "/device/online", times=3, **details)},
    )

    assert events == []
    assert store.writes == 1
