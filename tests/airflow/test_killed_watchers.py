"""Watchers whose triggerers are killed while they tell (Airflow 3.3): no change is lost, each has an id of its own."""

from __future__ import annotations

import json
import os
import time

import pytest
from harness import PROJECT, poll_until
from triggerers import SOON, VICTIMS, Triggerers
from watched_assets import AT_MOST_SECONDS, KEEPS_STATE, PARSED_SOON, WatchedAssets

from airflow_provider_orgauth.emulator import running_emulator

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(not KEEPS_STATE, reason="before Airflow 3.3, nothing is kept of what was told"),
]

DEVICE, DAG_ID = 11, "killed_watch"
AT = ("about to tell", "told", "told, and gone meanwhile")
"""When a triggerer is killed: the event may not be saved; it is, and the change is still there; it is not."""
KILLS = max(len(AT), int(os.environ.get("TRIGGERER_KILLS", "0")))
SURELY_SEEN_SECONDS = 8
"""Several intervals, and what Airflow takes to save an event."""


@pytest.fixture(scope="module")
def emulator():
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def watch(make_airflow3, emulator):
    """Return a watcher at work, and its triggerers."""
    dags = [PROJECT / "tests" / "airflow" / "dags" / "killed_watch_dags.py"]
    airflow = make_airflow3(dags=dags, env={**SOON, **PARSED_SOON, "PYTHONPATH": str(PROJECT)})
    emulator.script_device(DEVICE, {"connected": True})
    with Triggerers(airflow) as triggerers:
        triggerers.start()
        airflow.start(triggerer=False)
        airflow.put_connection("orgauth_default", **json.loads(emulator.connection_json()))
        watched = WatchedAssets(airflow, DAG_ID, "killed_watch")
        watched.unpause()
        until_kept(watched, lambda kept: kept["told"] == {})
        yield watched, triggerers


def until_kept(watched, is_so):
    for _ in poll_until("that is not kept", AT_MOST_SECONDS, pause=0.05):
        if any(is_so(kept) for kept in watched.kept()):
            return


def looks(emulator):
    return next(one["polls"] for one in emulator.devices() if one["deviceId"] == DEVICE)


@pytest.mark.parametrize("kill", range(KILLS))
def test_each_change_is_told_under_an_id_of_its_own_and_none_is_lost(watch, emulator, kill):
    watched, triggerers = watch
    at, victim = AT[kill % len(AT)], list(VICTIMS)[(kill // len(AT)) % len(VICTIMS)]
    (triggerer,) = triggerers.keep(1)
    before = watched.changes()
    emulator.script_device(DEVICE, {"connected": False})
    if at == "about to tell":
        until_kept(watched, lambda kept: kept.get("telling"))
    else:
        watched.wait_for_events(len(before) + 1)
    (kept,) = watched.kept()
    triggerers.kill(triggerer, victim)
    assert kept.get("telling"), "the kill came too late"  # nor is it known that it was told
    saved = watched.changes()[len(before) :]
    if at == "told, and gone meanwhile":
        emulator.script_device(DEVICE, {"connected": True})
    triggerers.start()
    until_kept(watched, lambda kept: not kept.get("telling"))
    if at == "told, and gone meanwhile":
        emulator.script_device(DEVICE, {"connected": False})
        until_kept(watched, lambda kept: kept["told"] and not kept.get("telling"))
    emulator.script_device(DEVICE, {"connected": True})
    until_kept(watched, lambda kept: not kept["told"])

    told = watched.changes()[len(before) :]
    print(f"{kill}: {at}, {victim}: saved before the kill: {len(saved)}, told: {told}")
    changes = 2 if at == "told, and gone meanwhile" else 1
    assert len(set(told)) == changes
    assert set(told).isdisjoint(before)
    # What was saved before the kill and is still so is told once more, under the same id; nothing else is repeated.
    assert len(told) == len(saved) + 1
    assert told[: len(saved)] == saved


def test_two_triggerers_tell_once_and_look_as_often_as_one(watch, emulator):
    watched, triggerers = watch
    triggerers.keep(2)
    triggerers.until_at_work(2)
    before, seen, began = watched.changes(), looks(emulator), time.monotonic()
    time.sleep(SURELY_SEEN_SECONDS)
    number, seconds = looks(emulator) - seen, time.monotonic() - began
    emulator.script_device(DEVICE, {"connected": False})
    watched.wait_for_events(len(before) + 1)
    time.sleep(SURELY_SEEN_SECONDS)

    assert 1 <= number <= seconds / 0.9 + 1
    told = watched.changes()[len(before) :]
    # Where a busy machine's heartbeats are late, Airflow hands the watcher over: it is told again, under the same id.
    assert len(set(told)) == 1
    assert set(told).isdisjoint(before)
