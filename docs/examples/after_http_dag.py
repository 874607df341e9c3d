"""What replaces it: the connection has the credentials, the task has the call, and no token is in sight."""

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(dag_id="after_http", schedule=None, catchup=False) as dag:
    OrgApiOperator(
        task_id="organization",
        org_conn_id="organization_api",
        endpoint="/api/v1/organization/profile",
        response_filter="name",
    )
