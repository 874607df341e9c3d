"""Waits in a process of its own: `python waits_process.py URL CONTROL_PORT SCENARIO` prints a `Measured` as JSON.

The order: warm up, create the waits, see every one looked at once, weigh the memory, watch a steady window, and let the
server be in trouble if the scenario says so.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from dataclasses import asdict
from itertools import count

import psutil
from exports_secrets import Counting
from waits_loop import Control, CountingLoop, Ticker
from waits_peers import IDLE, NEVER_LOOK, PEERS, Peer, Wait
from waits_scenario import MEASURED, MOST_WINDOWS, Measured, Scenario, Storm
from waits_server import REFUSE, WELL

LOOK_SECONDS = 0.25
"""Between two questions whether every wait was looked at."""
WITHOUT_LOOKS_SECONDS = 5.0
"""How long the start of those lasts that never look."""


class Trial:
    """One scenario, from its first wait to its last."""

    def __init__(self, scenario: Scenario, url: str) -> None:
        self.scenario, self.url = scenario, url
        self.measured = Measured()
        self.tasks: list[asyncio.Task[str]] = []
        self._counts = 0 if scenario.peer == IDLE else scenario.waits

    async def run(self, control_port: int) -> Measured:
        """Do it all."""
        scenario, measured = self.scenario, self.measured
        self.control = await Control.connect(control_port)
        await self.control(f"mode {WELL}")
        peer = PEERS[scenario.peer]()
        await peer.warm_up(self.url)
        # A full collection looks at all that Airflow has imported, for a tenth of a second. Frozen, what was there
        # before is not looked at; what the waits make is.
        gc.collect()
        gc.freeze()
        await self.control("mark")
        before, lookups, began = await self.control("stats"), Counting.lookups, time.monotonic()
        memory = psutil.Process().memory_info().rss
        self.ticker = Ticker()
        await asyncio.sleep(0.3)
        self.ticker.restart()
        await asyncio.sleep(0.05)
        await self._start(peer)
        measured.start = self.ticker.worst
        gc.collect()
        measured.memory_bytes = psutil.Process().memory_info().rss - memory
        self.ticker.restart()
        await self._steady()
        measured.steady = self.ticker.worst
        self._count_ended()
        if scenario.storm:
            await self._storm()
        after = await self.control("stats")
        for name in ("token_requests", "connections"):
            setattr(measured, name, after[name] - before[name])
        measured.open_at_once -= before["open_at_once"]
        measured.lookups, measured.lasted_seconds = Counting.lookups - lookups, time.monotonic() - began
        self.ticker.stop()
        return measured

    async def _start(self, peer: Peer) -> None:
        scenario, measured = self.scenario, self.measured

        def prepared(number: int) -> Wait:
            return peer.wait(self.url, 1 if scenario.one_resource else number + 1, scenario.interval_seconds)

        began = time.monotonic()
        if scenario.per_turn:
            for first in range(0, self._counts, scenario.per_turn):
                for number in range(first, min(first + scenario.per_turn, self._counts)):
                    self.tasks.append(asyncio.create_task(prepared(number)()))
                await asyncio.sleep(0)
        else:
            # The constructors are the benchmark's doing here, not the loop's: they are done before the clock starts.
            made = [prepared(number) for number in range(self._counts)]
            self.ticker.restart()
            await asyncio.sleep(0.05)
            began = time.monotonic()
            self.tasks = [asyncio.create_task(wait()) for wait in made]
            del made
        wanted = 1 if scenario.one_resource else self._counts
        most = WITHOUT_LOOKS_SECONDS if scenario.peer in NEVER_LOOK else scenario.first_seconds
        # At least twice: a loop that was busy all the time may have had no time to ask.
        for look in count():
            if look > 1 and time.monotonic() - began > most:
                break
            await asyncio.sleep(LOOK_SECONDS)
            stats = await self.control("stats")
            measured.distinct = stats["distinct"]
            if measured.distinct >= wanted and scenario.peer not in NEVER_LOOK:
                measured.first_seconds = max(0.0, stats["last_new"] - began)
                break

    async def _steady(self) -> None:
        measured = self.measured
        before = await self.control("mark")
        measured.open_at_once = before["open_at_once"]
        cpu, start = time.process_time(), time.perf_counter()
        await asyncio.sleep(self.scenario.window_seconds)
        after = await self.control("stats")
        wanted = 0 if self.scenario.one_resource or self.scenario.peer in NEVER_LOOK else self._counts
        # A peer whose polls come in bursts is seen through one: a window between two of them would say nothing of it.
        while (
            after["api_requests"] - before["api_requests"] < wanted
            and time.perf_counter() - start < MOST_WINDOWS * self.scenario.window_seconds
        ):
            await asyncio.sleep(LOOK_SECONDS)
            after = await self.control("stats")
        measured.cpu_seconds, measured.window_seconds = time.process_time() - cpu, time.perf_counter() - start
        measured.polls = after["api_requests"] - before["api_requests"]
        measured.busiest_second = after["busiest_second"]
        measured.open_at_once = max(measured.open_at_once, after["open_at_once"])

    async def _storm(self) -> None:
        scenario, storm = self.scenario, Storm()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        await self.control(f"mode {scenario.storm}")
        before = await self.control("mark")
        loop.tries_by_second.clear()
        ended = sum(task.done() for task in self.tasks)
        await asyncio.sleep(scenario.storm_seconds)
        after = await self.control("stats")
        if scenario.storm == REFUSE:
            storm.requests = sum(loop.tries_by_second.values())
            storm.busiest_second = max(loop.tries_by_second.values(), default=0)
        else:
            storm.requests = sum(after[name] - before[name] for name in ("api_requests", "token_requests"))
            storm.busiest_second = after["busiest_second"]
        storm.ended = sum(task.done() for task in self.tasks) - ended
        await self.control(f"mode {WELL}")
        await self.control("mark")
        await asyncio.sleep(scenario.after_seconds)
        storm.again = (await self.control("stats"))["distinct"]
        self.measured.storm = storm

    def _count_ended(self) -> None:
        done = [task for task in self.tasks if task.done()]
        self.measured.ended = len(done)
        reasons = (repr(task.exception() or task.result())[:200] for task in done[:3])
        self.measured.reasons = list(dict.fromkeys(reasons))


def main(url: str, control_port: int, scenario: Scenario) -> Measured:
    """Set the limit of open files, and measure."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = scenario.open_files or most
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    return CountingLoop().run_until_complete(Trial(scenario, url).run(control_port))


if __name__ == "__main__":
    _url, _port, _scenario = sys.argv[1:]
    _measured = main(_url, int(_port), Scenario(**json.loads(_scenario)))
    print(f"\n{MEASURED}{json.dumps(asdict(_measured))}", flush=True)
    os._exit(0)  # to cancel ten thousand waits in good order takes a peer minutes
