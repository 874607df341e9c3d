"""DAGs whose requests are looked for in traces: by the task, by its threads, and by the triggerer."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import PageNumberPagination
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

API = "/api/v1/organization"
CONN_ID = "traced"

with DAG("traced", schedule=None, catchup=False):

    @task
    def listed() -> int:
        """Get pages by four threads, and send one request by itself."""
        hook = OrgAuthHook(CONN_ID)
        hook.run(
            f"{API}/profile",
            params={"password": "a-secret-in-the-query"},
            headers={"X-Api-Key": "a-secret-in-a-header"},
        )
        return len([*hook.paginate(f"{API}/devices", pagination=PageNumberPagination(size=100), max_concurrency=4)])

    listed() >> OrgApiSensor(
        task_id="waited",
        endpoint=f"{API}/device/online",
        params={"deviceId": 1},
        org_conn_id=CONN_ID,
        until="connected",
        poke_interval=1,
        timeout=600,
        deferrable=True,
    )
