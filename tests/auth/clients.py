"""Other people's clients, each with the auth that is for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
import requests

from airflow_provider_orgauth.auth import OrgAuth, OrgHttpxAuth

HAS_MIDDLEWARES = hasattr(aiohttp, "ClientHandlerType")

Call = Callable[..., tuple[int, dict]]
"""Sends a request, with a method, a URL and perhaps a body; returns the status and the headers that the server saw."""


def by_requests(method: str, url: str, body: object = None) -> tuple[int, dict]:
    answer = requests.request(method, url, data=body, auth=OrgAuth(), timeout=10, allow_redirects=True)
    return answer.status_code, _json(answer.text and answer.json())


def by_httpx(method: str, url: str, body: object = None) -> tuple[int, dict]:
    with httpx.Client(auth=OrgHttpxAuth(), follow_redirects=True, trust_env=False) as client:
        answer = client.request(method, url, content=body)
    return answer.status_code, _json(answer.text and answer.json())


def by_async_httpx(method: str, url: str, body: object = None) -> tuple[int, dict]:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(auth=OrgHttpxAuth(), follow_redirects=True, trust_env=False) as client:
            return await client.request(method, url, content=body)

    answer = asyncio.run(call())
    return answer.status_code, _json(answer.text and answer.json())


def by_aiohttp(method: str, url: str, body: object = None) -> tuple[int, dict]:
    from airflow_provider_orgauth.auth import OrgMiddleware

    async def call() -> tuple[int, dict]:
        middlewares = [OrgMiddleware()]
        async with (
            aiohttp.ClientSession(middlewares=middlewares) as session,
            session.request(method, url, data=body) as answer,
        ):
            return answer.status, _json(await answer.json())

    return asyncio.run(call())


def _json(value: object) -> dict:
    return value if isinstance(value, dict) else {}


WAYS = [by_requests, by_httpx, by_async_httpx, *([by_aiohttp] if HAS_MIDDLEWARES else [])]


def threads_of_requests(url: str, times: int, meanwhile: Callable[[], object]) -> list[int]:
    """Get ``url`` once, let something happen, then get it many times at once; return the statuses of these."""
    with requests.Session() as session, ThreadPoolExecutor(times) as pool:
        session.auth = OrgAuth()
        session.get(url, timeout=10)
        meanwhile()
        return [answer.status_code for answer in pool.map(lambda _: session.get(url, timeout=10), range(times))]


def tasks_of_httpx(url: str, times: int, meanwhile: Callable[[], object]) -> list[int]:
    """Do the same with ``httpx.AsyncClient``."""

    async def calls() -> list[int]:
        async with httpx.AsyncClient(auth=OrgHttpxAuth(), trust_env=False) as client:
            await client.get(url)
            meanwhile()
            return [answer.status_code for answer in await asyncio.gather(*(client.get(url) for _ in range(times)))]

    return asyncio.run(calls())


def tasks_of_aiohttp(url: str, times: int, meanwhile: Callable[[], object]) -> list[int]:
    """Do the same with ``aiohttp``."""
    from airflow_provider_orgauth.auth import OrgMiddleware

    async def calls() -> list[int]:
        async with aiohttp.ClientSession(middlewares=[OrgMiddleware()]) as session:

            async def get() -> int:
                async with session.get(url) as answer:
                    return answer.status

            await get()
            meanwhile()
            return await asyncio.gather(*(get() for _ in range(times)))

    return asyncio.run(calls())


MANY_AT_ONCE = [threads_of_requests, tasks_of_httpx, *([tasks_of_aiohttp] if HAS_MIDDLEWARES else [])]
