"""20 tasks with nothing between them, so that they start together."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG("bench_fleet", schedule=None, max_active_tasks=20):
    OrgApiOperator.partial(
        task_id="call", endpoint="/api/v1/organization/devices", response_filter="totalElements"
    ).expand(params=[{"size": size} for size in range(1, 21)])
