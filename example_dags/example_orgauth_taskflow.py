"""The hook inside ``@task`` functions: a session for several calls, and mapped tasks over what was found."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"

with DAG(dag_id="example_orgauth_taskflow", schedule=None, catchup=False, tags=["example", "orgauth"]):

    @task
    def find_devices() -> list[dict]:
        page = OrgAuthHook().run(f"{API}/devices", params={"size": 3}).json()
        return [{"deviceId": device["id"]} for device in page["content"]]

    # One mapped task for each device; params are the query of each call. The UI shows the device, and not 0, 1, 2.
    online = OrgApiOperator.partial(
        task_id="online",
        endpoint=f"{API}/device/online",
        response_filter="connected",
        map_index_template="device {{ task.query.deviceId }}",
    ).expand(params=find_devices())

    @task
    def rename_and_back() -> str:
        # The session is a requests.Session: relative paths, a token on every request, retries, timeouts.
        session = OrgAuthHook().get_conn()
        device = session.get(f"{API}/devices", params={"size": 1}).json()["content"][0]
        for name in (f"{device['name']} (checked)", device["name"]):
            session.put(f"{API}/device", params={"deviceId": device["id"]}, json={"name": name}).raise_for_status()
        return device["name"]

    @task
    def count(connected: list[bool]) -> int:
        return sum(map(bool, connected))

    count(online.output)
    rename_and_back()
