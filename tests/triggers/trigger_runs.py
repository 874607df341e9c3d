"""Triggers run as a triggerer runs them, from what Airflow stores of them, on a loop whose clock jumps."""

from __future__ import annotations

import asyncio
import json
from importlib import import_module

from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger
from tests import virtual_loop

API = "/api/v1/organization"
SHIPMENT = f"{API}/shipment"


def stored(trigger):
    """Return a trigger made anew of its row."""
    path, arguments = trigger.serialize()
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)(**json.loads(json.dumps(arguments, allow_nan=False)))


def shipment_wait(number=1, **options):
    """Return a trigger that waits until a shipment is finished."""
    request = {"endpoint": SHIPMENT, "params": {"shipmentId": number}}
    return OrgApiTrigger(request, **{"until": "status == 'FINISH'", "poke_interval": 60} | options)


class Triggerer:
    """Runs triggers on the running virtual loop."""

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.ended = {}

    @property
    def seconds(self):
        """Seconds of the loop's clock since it began."""
        return self.loop.time() - self.began

    def start(self, *triggers):
        """Start triggers; return the task of each, which returns the payload of its event."""
        return [self.loop.create_task(self._run(trigger)) for trigger in triggers]

    async def _run(self, trigger):
        self.loop.idle_tasks += 1
        try:
            events = [event async for event in stored(trigger).run()]
        finally:
            self.loop.idle_tasks -= 1
        assert len(events) == 1
        self.ended[trigger] = self.seconds
        return json.loads(json.dumps(events[0].payload, allow_nan=False))

    async def payloads(self, *triggers):
        """Return what triggers end with."""
        return await asyncio.gather(*self.start(*triggers))


def run(scenario):
    """Run a scenario, a coroutine function that takes a triggerer."""

    async def main():
        return await scenario(Triggerer())

    return virtual_loop.run(main())


def payload_of(trigger):
    """Return what one trigger ends with."""

    async def scenario(triggerer):
        return (await triggerer.payloads(trigger))[0]

    return run(scenario)


def payloads_of(*triggers):
    """Return what triggers end with that begin together."""

    async def scenario(triggerer):
        return await triggerer.payloads(*triggers)

    return run(scenario)


async def until_true(condition, seconds=5.0):
    """Wait, really, until something is so."""
    for _ in range(int(seconds / 0.005)):
        if condition():
            return
        await asyncio.to_thread(_nap)
    raise AssertionError("it did not come about")


def _nap():
    import time

    time.sleep(0.005)


def looks(emulator, path=SHIPMENT):
    """Return the statuses of the answers that a path has given."""
    return [one["status"] for one in emulator.requests() if one["path"] == path]
