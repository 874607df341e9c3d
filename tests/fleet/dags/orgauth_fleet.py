"""100 calls with nothing between them: as many at a time as the fleet has room for."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG("orgauth_fleet", schedule=None):
    OrgApiOperator.partial(
        task_id="call",
        endpoint="/api/v1/organization/devices",
        response_filter="totalElements",
        # A task that needs a second try shall get it, and be counted.
        retries=2,
        retry_delay=timedelta(seconds=0),
    ).expand(params=[{"size": size} for size in range(1, 101)])
