"""A nightly job over several endpoints: every task calls the API, and all of them share one token.

A task that failed is tried again after five minutes; on Airflow 3.3, when the server said.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.retry_policy import retry_policy_where_supported

API = "/api/v1/organization"

with DAG(
    dag_id="example_orgauth_scheduled",
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - as Airflow's own examples write it
    catchup=False,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        **retry_policy_where_supported(),
        "org_conn_id": "orgauth_default",
    },
    tags=["example", "orgauth"],
):
    totals = [
        OrgApiOperator(
            task_id=f"count_{name}",
            endpoint=f"{API}/{path}",
            params={"size": 1, **extra},
            response_filter="totalElements",
        )
        for name, path, extra in (
            ("devices", "devices", {"includeSubOrgDevices": "true"}),
            ("users", "users", {}),
            ("organizations", "search", {}),
        )
    ]

    @task
    def summary(devices: int, users: int, organizations: int, ds: str | None = None) -> dict:
        return {"day": ds, "devices": devices, "users": users, "organizations": organizations}

    summary(*(count.output for count in totals))
