"""The event loop that is measured: how long it was busy between two ticks, and how often it tried to connect."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from waits_scenario import Ticks

TICK_SECONDS = 0.005


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts tries to connect: those that are refused, no server can count.

    Tries in threads (of the token request) are not among them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tries_by_second: dict[int, int] = {}

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Count, and connect."""
        second = int(time.monotonic())
        self.tries_by_second[second] = self.tries_by_second.get(second, 0) + 1
        await super().sock_connect(sock, address)


class Ticker:
    """Sleeps 5 ms at a time in the running loop, and keeps the worst that happened meanwhile."""

    def __init__(self) -> None:
        self.worst = Ticks()
        self._task = asyncio.create_task(self._tick())

    def restart(self) -> None:
        """Forget the worst; what is under way now does not count either."""
        self.worst, self._fresh = Ticks(), True

    def stop(self) -> None:
        """End."""
        self._task.cancel()

    async def _tick(self) -> None:
        self._fresh = True
        cpu, wall = time.thread_time(), time.perf_counter()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now_cpu, now_wall = time.thread_time(), time.perf_counter()
            if self._fresh:
                self._fresh = False
            else:
                self.worst.busy_seconds = max(self.worst.busy_seconds, now_cpu - cpu)
                self.worst.gap_seconds = max(self.worst.gap_seconds, now_wall - wall - TICK_SECONDS)
            cpu, wall = now_cpu, now_wall


class Control:
    """The server's control port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> Control:
        """Connect once, for all commands."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def __call__(self, command: str) -> dict[str, Any]:
        """Give a command and return all counts."""
        self._writer.write(f"{command}\n".encode())
        return dict(json.loads(await self._reader.readline()))
