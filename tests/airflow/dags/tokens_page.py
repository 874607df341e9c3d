"""One call with the connection `permitted`, for the tests of the page of the tokens."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG("tokens_page", schedule=None):
    OrgApiOperator(task_id="call", org_conn_id="permitted", endpoint="/api/v1/organization/profile")
