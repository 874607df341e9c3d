"""Run watchers on the emulator, on a loop whose clock jumps from timer to timer."""

from __future__ import annotations

import asyncio
import json

from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger
from tests import virtual_loop

API = "/api/v1/organization"


class Store:
    """As Airflow's, of one asset."""

    def __init__(self):
        self.values = {}
        self.writes = 0

    async def aget(self, key, default=None):
        return self.values.get(key, default)

    async def aset(self, key, value):
        self.writes += 1
        self.values[key] = json.loads(json.dumps(value))


class Watching:
    """Runs a watcher for a while, as a triggerer does with what Airflow has stored of it."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.at = []

    def run(self, trigger, *, seconds, store=None, meanwhile=None, is_killed_at_event=None):
        """Return the payloads of its events; :attr:`at` says after how many seconds each came.

        :param meanwhile: what happens after so many seconds.
        :param is_killed_at_event: the number of the event after which nothing more is done.
        """

        async def collect():
            loop = asyncio.get_running_loop()
            began, found, self.at = loop.time(), [], []
            for moment, happens in (meanwhile or {}).items():
                loop.call_later(moment, happens)
            anew = OrgApiEventTrigger(**json.loads(json.dumps(trigger.serialize()[1])))
            if store is not None:
                anew.asset_state_store = store
            try:
                async with asyncio.timeout(seconds):
                    async for event in anew.run():
                        found.append(json.loads(json.dumps(event.payload)))
                        self.at.append(loop.time() - began)
                        if len(found) == is_killed_at_event:
                            return found
            except TimeoutError:
                return found

        return virtual_loop.run(collect())

    def looks(self, path=""):
        return [one["status"] for one in self.emulator.requests() if one["path"].startswith(API + path)]
