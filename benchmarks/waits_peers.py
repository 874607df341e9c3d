"""Who waits: each peer makes a coroutine for one wait, which ends when what it waits for came, or it failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Protocol

from waits_scenario import TIMEOUT_SECONDS
from workplace import HTTP_CONN, ORG_CONN

WARM_CONN = "bench_orgauth_warm"
"""A client of its own: what is imported late is imported with it, and neither token nor look-up is there before."""

Wait = Callable[[], Coroutine[Any, Any, str]]
"""Returns what the wait ended with."""


class Peer(Protocol):
    """One way to wait."""

    async def warm_up(self, url: str) -> None:
        """Do once, and to the end, all that the waits will do."""

    def wait(self, url: str, number: int, interval: float) -> Wait:
        """Prepare a wait for one thing; `interval` in seconds."""


async def _first_event(trigger: Any) -> str:
    async for event in trigger.run():
        return str(event.payload)[:200]
    return "no event"


class Ours:
    """`OrgApiTrigger`."""

    async def warm_up(self, url: str) -> None:
        """One wait that is met."""
        event = await _first_event(self._trigger("/finished", 0, 1, WARM_CONN))
        if "met" not in event and "FINISH" not in event:
            raise RuntimeError(f"the wait to warm up ended with {event}")

    def wait(self, url: str, number: int, interval: float) -> Wait:
        """Make the trigger, as the triggerer does before it makes the task."""
        trigger = self._trigger("/waiting", number, interval, ORG_CONN)
        return lambda: _first_event(trigger)

    @staticmethod
    def _trigger(path: str, number: int, interval: float, conn_id: str) -> Any:
        from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger

        request = {"endpoint": path, "params": {"n": number}}
        return OrgApiTrigger(request, org_conn_id=conn_id, until="status == 'FINISH'", poke_interval=interval)


class HttpProvider:
    """`HttpSensorTrigger` of apache-airflow-providers-http: it waits while the answer is 404, and on no other sign."""

    async def warm_up(self, url: str) -> None:
        """One wait that is met."""
        await _first_event(self._trigger("/finished", 0, 1))

    def wait(self, url: str, number: int, interval: float) -> Wait:
        """Make the trigger, as the triggerer does before it makes the task."""
        trigger = self._trigger("/absent", number, interval)
        return lambda: _first_event(trigger)

    @staticmethod
    def _trigger(path: str, number: int, interval: float) -> Any:
        from airflow.providers.http.triggers.http import HttpSensorTrigger

        return HttpSensorTrigger(
            endpoint=path.removeprefix("/"), http_conn_id=HTTP_CONN, data={"n": number}, poke_interval=interval
        )


class BareAiohttp:
    """One ClientSession with its default of 100 connections; a task for each wait that gets, parses and sleeps.

    An error it sleeps over: that much anyone would write.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._session: Any = None

    async def warm_up(self, url: str) -> None:
        """One request."""
        import aiohttp

        # Not in total: there, the time in which it waits for one of its own connections would count.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=TIMEOUT_SECONDS, sock_read=TIMEOUT_SECONDS)
        self._session = await self._stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        await self.wait(url, 0, 1)()

    def wait(self, url: str, number: int, interval: float) -> Wait:
        """Prepare nothing: the address is made when it is called."""
        path = "/waiting" if number else "/finished"

        async def run() -> str:
            import aiohttp

            while True:
                try:
                    async with self._session.get(f"{url}{path}", params={"n": number}) as response:
                        response.raise_for_status()
                        if (await response.json())["status"] == "FINISH":
                            return "met"
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(interval)

        return run


class OnlySleep:
    """A task for each wait that never looks: what asyncio itself takes."""

    async def warm_up(self, url: str) -> None:
        """There is nothing to do."""

    def wait(self, url: str, number: int, interval: float) -> Wait:
        """Sleep an interval at a time."""

        async def run() -> str:
            while True:
                await asyncio.sleep(interval)

        return run


OURS, HTTP, BARE, SLEEP, IDLE = "ours", "HttpSensorTrigger", "bare aiohttp", "only sleep", "idle"
PEERS: dict[str, Callable[[], Peer]] = {OURS: Ours, HTTP: HttpProvider, BARE: BareAiohttp, SLEEP: OnlySleep}
PEERS[IDLE] = OnlySleep
"""The last one gets no waits."""
NEVER_LOOK = (SLEEP, IDLE)
