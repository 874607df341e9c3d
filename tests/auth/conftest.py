"""A connection to the emulator, for clients that are not ours; and each of these clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import httpx
import pytest
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


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def call(request) -> Call:
    return request.param


@pytest.fixture
def org_conn_id(orgauth_emulator, monkeypatch) -> str:
    return orgauth_emulator.set_connection(monkeypatch, cache="memory")


@pytest.fixture
def api(orgauth_emulator, org_conn_id) -> str:
    return f"{orgauth_emulator.url}/api/v1/organization"
