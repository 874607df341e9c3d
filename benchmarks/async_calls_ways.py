"""The ways to make many small calls in one process: on an event loop and in threads, ours and bare.

A way is made first, without a request, and called later with a number of calls: it gets itself a token, makes the calls
and returns how many had the right answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import requests
from exports_server import LOGIN, ORGANIZATION_ID, PASSWORD
from exports_ways import aiohttp_token
from requests.adapters import HTTPAdapter
from workplace import PROFILE, cold_hook

if TYPE_CHECKING:
    import aiohttp

AT_ONCE = 64
"""Calls under way on an event loop: what the hook allows, and what bare aiohttp is given too."""

OnLoop = Callable[[int], Awaitable[int]]
InThreads = Callable[[int], int]


def bare_aiohttp(url: str) -> OnLoop:
    """One ClientSession: no retry, no second token, no bound of any kind."""
    import aiohttp

    async def one(session: aiohttp.ClientSession) -> bool:
        async with session.get(f"{url}{PROFILE}") as response:
            response.raise_for_status()
            return bool((await response.json())["id"] == ORGANIZATION_ID)

    async def calls(number: int) -> int:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
            session.headers["Authorization"] = f"Bearer {await aiohttp_token(session, url)}"
            return sum(await asyncio.gather(*(one(session) for _ in range(number))))

    return calls


def run_async(_url: str) -> OnLoop:
    """Our hook, as its documentation shows it."""
    import airflow_provider_orgauth.hooks.orgauth  # noqa: F401  a DAG file has it before a loop runs

    async def calls(number: int) -> int:
        hook = cold_hook()
        answers = await asyncio.gather(*(hook.run_async(PROFILE) for _ in range(number)))
        return sum(answer.json()["id"] == ORGANIZATION_ID for answer in answers)

    return calls


def run_in_threads(_url: str, *, threads: int) -> InThreads:
    """Our hook, as users who need several calls at once have used it so far."""

    def calls(number: int) -> int:
        hook = cold_hook()

        def one(_: int) -> bool:
            return bool(hook.run(PROFILE).json()["id"] == ORGANIZATION_ID)

        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(one, range(number)))

    return calls


def bare_requests(url: str, *, threads: int) -> InThreads:
    """One Session that all threads share: no retry, no second token, no bound of any kind."""

    def calls(number: int) -> int:
        with requests.Session() as session, ThreadPoolExecutor(threads) as pool:
            session.mount(url, HTTPAdapter(pool_maxsize=threads))
            grant = {"grant_type": "client_credentials"}
            answer = session.post(f"{url}/oauth2/token", params=grant, auth=(LOGIN, PASSWORD), timeout=30)
            answer.raise_for_status()
            session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

            def one(_: int) -> bool:
                response = session.get(f"{url}{PROFILE}", timeout=30)
                response.raise_for_status()
                return bool(response.json()["id"] == ORGANIZATION_ID)

            return sum(pool.map(one, range(number)))

    return calls


AIOHTTP, OURS, OURS_FIRST = "bare aiohttp", "run_async", "run_async, first"
"""The last one without a warm-up: what is imported late, is imported while the loop runs."""
THREADS_16, THREADS_64 = "run, 16 threads", "run, 64 threads"
REQUESTS_16, REQUESTS_64 = "bare requests, 16 threads", "bare requests, 64 threads"

ON_LOOP: Mapping[str, Callable[[str], OnLoop]] = {AIOHTTP: bare_aiohttp, OURS: run_async, OURS_FIRST: run_async}
IN_THREADS: Mapping[str, Callable[[str], InThreads]] = {
    THREADS_16: partial(run_in_threads, threads=16),
    THREADS_64: partial(run_in_threads, threads=64),
    REQUESTS_16: partial(bare_requests, threads=16),
    REQUESTS_64: partial(bare_requests, threads=64),
}
