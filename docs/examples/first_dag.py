"""The first DAG: the devices of the organization, and whether the first of them is online."""

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(dag_id="first", schedule=None, catchup=False) as dag:
    devices = OrgApiOperator(
        task_id="devices",
        endpoint="/api/v1/organization/devices",
        pagination="page_number",
        response_check="totalElements > `0`",
        response_filter="[].{id: id, name: name}",
    )

    @task
    def first_one_online(found: list[dict]) -> bool:
        answer = OrgAuthHook().run("/api/v1/organization/device/online", params={"deviceId": found[0]["id"]})
        return answer.json()["connected"]

    first_one_online(devices.output)
