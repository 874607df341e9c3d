"""One call as a task, and what becomes of its answer: the shortest DAG that does something with the API."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(dag_id="example_orgauth_call", schedule=None, catchup=False, tags=["example", "orgauth"]):
    organization = OrgApiOperator(
        task_id="organization",
        endpoint="/api/v1/organization/profile",
        response_check="name",
    )

    devices = OrgApiOperator(
        task_id="devices",
        endpoint="/api/v1/organization/devices",
        params={"page": 0, "size": 5},
        response_filter="{total: totalElements, devices: content[].{id: id, name: name}}",
    )

    @task
    def report(profile: dict, found: dict) -> str:
        names = ", ".join(device["name"] for device in found["devices"])
        return f"{profile['name']} has {found['total']} devices, among them {names}."

    report(organization.output, devices.output)
