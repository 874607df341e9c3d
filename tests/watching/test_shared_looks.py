"""A hundred watchers of one resource: one look an interval, an event for each; with Airflow's own shared streams."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from functools import partial

import pytest
from watchings import API

from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger, OrgApiTrigger
from tests import virtual_loop

ONLINE = {"endpoint": f"{API}/device/online", "params": {"deviceId": 7}}
WATCHERS = 100
SECONDS, INTERVAL_SECONDS = 1000, 60


def watcher(number, **arguments):
    given = {"when": "connected == `false`", "fields": {f"number {number}": "connected"}, **arguments}
    return OrgApiEventTrigger(ONLINE, **given)


async def take(events, of, number):
    async for event in events:
        of[number].append(event.payload)


async def for_seconds(seconds, *coroutines):
    tasks = [asyncio.create_task(one) for one in coroutines]
    await asyncio.sleep(seconds)
    assert [task for task in tasks if task.done()] == []
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def found_by(count):
    return {number: [] for number in range(count)}


def check(watching, events, changes=1):
    assert Counter(len(of_one) for of_one in events.values()) == {changes: len(events)}
    for number, of_one in events.items():
        assert of_one[0]["fields"] == {f"number {number}": False}
    assert SECONDS / INTERVAL_SECONDS * 0.8 <= len(watching.looks()) <= SECONDS / INTERVAL_SECONDS * 1.1 + 1
    assert watching.emulator.stats()["token_requests"] == 1


@pytest.fixture
def streams():
    """Return a manager as Airflow 3.3's triggerer has it."""
    shared_stream = pytest.importorskip("airflow.triggers.shared_stream")
    structlog = pytest.importorskip("structlog")
    return partial(
        shared_stream.SharedStreamManager, log=structlog.get_logger(), max_subscriber_queue=1024, ack_timeout=60.0
    )


def test_watchers_share_one_stream_and_who_comes_late_gets_what_comes_then(watching, streams):
    events = found_by(WATCHERS + 1)
    watching.emulator.script_device(7, *({"connected": one, "polls": 4} for one in (True, False, True, False)))

    async def main():
        manager = streams()

        async def subscribed(number, after=0.0):
            await asyncio.sleep(after)
            trigger = OrgApiEventTrigger(**json.loads(json.dumps(watcher(number).serialize()[1])))
            stream = manager.subscribe(trigger_id=number, trigger=trigger, key=trigger.shared_stream_key())
            await take(trigger.filter_shared_stream(stream), events, number)

        late = subscribed(WATCHERS, after=SECONDS * 0.7)
        await for_seconds(SECONDS, *map(subscribed, range(WATCHERS)), late)
        await manager.stop_all()

    virtual_loop.run(main(), idle_tasks=WATCHERS + 3)
    (late,) = events.pop(WATCHERS)  # the first change was before its time
    assert late["fields"] == {f"number {WATCHERS}": False}
    check(watching, events, changes=2)


def test_watchers_and_waits_share_one_look_before_airflow_3_3(watching):
    events = found_by(WATCHERS)
    watching.emulator.script_device(7, {"connected": True, "polls": 4}, {"connected": False, "polls": 4})
    ends = []

    async def wait():
        trigger = OrgApiTrigger(ONLINE, until="connected == `false`")
        ends.extend([event.payload["state"] async for event in trigger.run()])
        await asyncio.sleep(SECONDS)

    async def main():
        watchers = [take(watcher(number).run(), events, number) for number in events]
        await for_seconds(SECONDS, *watchers, *(wait() for _ in range(10)))

    virtual_loop.run(main(), idle_tasks=WATCHERS + 11)
    assert ends == ["met"] * 10
    check(watching, events)


def test_wrong_credentials_are_tried_by_one_for_all(watching, monkeypatch):
    good = json.loads(watching.emulator.connection_json(cache="memory"))
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps({**good, "password": "wrong"}))
    events = found_by(20)

    async def main():
        requests = [{**ONLINE, "params": {"deviceId": number + 1}} for number in events]
        watchers = [OrgApiEventTrigger(request, key="connected") for request in requests]
        await for_seconds(SECONDS, *(take(one.run(), events, number) for number, one in enumerate(watchers)))

    virtual_loop.run(main(), idle_tasks=len(events) + 1)
    # Those that begin together may be on their way when the first is refused.
    assert watching.emulator.stats()["token_requests"] <= SECONDS / 270 + 4
    assert watching.looks() == []


def test_a_hundred_expressions_of_one_answer_and_a_refusal_for_all(watching, streams, caplog):
    events = found_by(WATCHERS)
    watching.emulator.fault("status", "/device/online", status=403, times=1000)

    async def main():
        manager = streams()

        async def subscribed(number):
            trigger = watcher(number, poke_interval=1)
            stream = manager.subscribe(trigger_id=number, trigger=trigger, key=trigger.shared_stream_key())
            await take(trigger.filter_shared_stream(stream), events, number)

        await for_seconds(SECONDS, *map(subscribed, range(WATCHERS)))
        await manager.stop_all()

    virtual_loop.run(main(), idle_tasks=WATCHERS + 2)
    assert len(watching.looks()) <= SECONDS / 270 + 1
    assert len([one for one in caplog.records if "tells nothing" in one.getMessage()]) == 1
    assert not any(events.values())
