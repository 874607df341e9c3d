"""Two calls with the connection that the browser test makes: the second finds the first one's token."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(dag_id="browser_connection", schedule=None, catchup=False):
    profile = OrgApiOperator(
        task_id="profile",
        endpoint="/api/v1/organization/profile",
        org_conn_id="made_in_browser",
        response_filter="name",
    )
    devices = OrgApiOperator(
        task_id="devices",
        endpoint="/api/v1/organization/devices",
        params={"size": 3},
        org_conn_id="made_in_browser",
        response_filter="totalElements",
    )
    profile >> devices
