"""A thousand calls in one task, 64 at a time, with one token: an `async def` task and `hook.run_async`.

Airflow runs `async def` tasks from 3.2 on. On an older one, a plain task runs the same coroutine in an event loop of
its own: the same calls, the same answer.
"""

from __future__ import annotations

import asyncio

from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import DAG, task
from packaging.version import Version

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"
AIRFLOW_RUNS_ASYNC_TASKS = Version(airflow_version) >= Version("3.2")


async def look_at_devices() -> dict:
    hook = OrgAuthHook()
    page = await hook.run_async(f"{API}/devices", params={"size": 1000})
    ids = [device["id"] for device in page.json()["content"]]

    async def is_connected(device_id: int) -> bool:
        answer = await hook.run_async(f"{API}/device/online", params={"deviceId": device_id})
        return answer.json()["connected"]

    # All of them at once: the hook sends 64 at a time, and the others wait their turn.
    connected = await asyncio.gather(*map(is_connected, ids))
    return {"devices": len(ids), "connected": sum(connected)}


with DAG(dag_id="example_orgauth_async", schedule=None, catchup=False, tags=["example", "orgauth"]):
    if AIRFLOW_RUNS_ASYNC_TASKS:

        @task
        async def look() -> dict:
            return await look_at_devices()

    else:

        @task
        def look() -> dict:
            return asyncio.run(look_at_devices())

    look()
