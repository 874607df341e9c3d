"""A stop that was set in any thread, as an event loop sees it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from airflow_provider_orgauth.client.cancellation import CancelEvent


class LoopCancelEvent:
    """Tells the running loop that ``stop`` was set. To be made on that loop.

    :param sleep: lets that many seconds pass in place of the loop's clock: a test's.
    """

    def __init__(self, stop: CancelEvent, sleep: Callable[[float], None] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = stop
        self._sleep = sleep
        self._told = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        stop.add_part(self)

    @property
    def is_set(self) -> bool:
        """Whether it was set, in whatever thread."""
        return self._stop.is_set()

    def call(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on the loop when it is set; at once where it is set already."""
        if self._told.is_set():
            listener()
        self._listeners.append(listener)

    def set(self) -> None:
        """Hear of it, in any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits on it any more
            self._loop.call_soon_threadsafe(self._set)

    async def pause(self, seconds: float) -> None:
        """Let that many seconds pass; a stop ends it early."""
        if self._sleep is not None:
            self._sleep(seconds)
            await asyncio.sleep(0)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._told.wait()

    def _set(self) -> None:
        self._told.set()
        for listener in self._listeners:
            listener()
