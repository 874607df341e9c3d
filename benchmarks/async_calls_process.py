"""Calls in a process of its own: `python async_calls_process.py WAY URL CALLS` prints a JSON object, a `Measured`.

All but the way that is about first calls are warmed up: imports and bytecode are not what is measured there.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from inspect import iscoroutinefunction

import requests
from async_calls_ways import IN_THREADS, ON_LOOP, OURS_FIRST, InThreads, OnLoop

WARM_UP_CALLS = 100
TICK_SECONDS = 0.001
COUNTED = ("token_requests", "api_requests", "connections")


@dataclass(frozen=True)
class Measured:
    """What the calls cost.

    Args:
        seconds: of all calls, the token request included.
        cpu_seconds: of this process, all threads.
        blocked_seconds: the longest time that the event loop let a task wait that only wanted to sleep for a
            millisecond; None: there was no loop.
        answers: how many calls had the right answer.
        token_requests: as the server counted them.
        api_requests: the same.
        connections: the same, of TCP.
    """

    seconds: float
    cpu_seconds: float
    blocked_seconds: float | None
    answers: int
    token_requests: int
    api_requests: int
    connections: int


class Ticker:
    """Looks how long the running loop is busy without a break."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def tick(self) -> None:
        """Sleep a millisecond at a time, until it is cancelled, and keep the longest delay in seconds."""
        while True:
            start = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            self.longest = max(self.longest, time.perf_counter() - start - TICK_SECONDS)


def main(name: str, url: str, calls: int) -> Measured:
    """Warm up, and measure."""
    way = ON_LOOP[name](url) if name in ON_LOOP else IN_THREADS[name](url)
    if name != OURS_FIRST:
        _run(way, WARM_UP_CALLS)
    # A full collection looks at all that Airflow has imported, for a tenth of a second, when whoever is measured has
    # made enough objects. Frozen, what was there before is not looked at; what the calls leave behind is.
    gc.collect()
    gc.freeze()
    before = _stats(url)
    cpu, start = time.process_time(), time.perf_counter()
    answers, blocked = _run(way, calls)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    after = _stats(url)
    seen = {count: after[count] - before[count] for count in COUNTED}
    return Measured(seconds, cpu_seconds, blocked, answers, **seen)


def _run(way: OnLoop | InThreads, calls: int) -> tuple[int, float | None]:
    if not iscoroutinefunction(way):
        return way(calls), None
    ticker = Ticker()
    return asyncio.run(_watched(way, calls, ticker)), ticker.longest


async def _watched(way: OnLoop, calls: int, ticker: Ticker) -> int:
    ticking = asyncio.create_task(ticker.tick())
    try:
        await asyncio.sleep(10 * TICK_SECONDS)  # it ticks
        answers = await way(calls)
        await asyncio.sleep(10 * TICK_SECONDS)  # and has seen the end
        return answers
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking


def _stats(url: str) -> dict[str, int]:
    with requests.Session() as http:
        http.trust_env = False  # loopback: no proxies, no netrc
        answer = http.get(f"{url}/_stats", timeout=10)
        answer.raise_for_status()
        return dict(answer.json())


if __name__ == "__main__":
    _way, _url, _calls = sys.argv[1:]
    print(json.dumps(asdict(main(_way, _url, int(_calls)))), flush=True)
