"""A DAG as a user would write it: the number of devices, and a failure when there are none."""

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(dag_id="devices", schedule=None, catchup=False) as dag:
    OrgApiOperator(
        task_id="count",
        endpoint="/api/v1/organization/devices",
        params={"size": 1},
        response_check="totalElements > `0`",
        response_filter="totalElements",
    )
