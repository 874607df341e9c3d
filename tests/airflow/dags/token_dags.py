"""DAGs that show who shares which token; the connection is named in the run's conf."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"
CONN = "{{ dag_run.conf.get('conn', 'orgauth_default') }}"

with DAG("fleet", schedule=None):
    OrgApiOperator.partial(
        task_id="call", endpoint=f"{API}/devices", org_conn_id=CONN, response_filter="totalElements"
    ).expand(params=[{"size": size} for size in range(1, 21)])

with DAG("chain", schedule=None, params={"not_in_the_query": 1}):
    first = OrgApiOperator(task_id="first", endpoint=f"{API}/profile", org_conn_id=CONN)
    second = OrgApiOperator(
        task_id="second", endpoint=f"{API}/profile", org_conn_id=CONN, params={"of": "{{ run_id }}"}
    )
    third = OrgApiOperator(
        task_id="third",
        endpoint=f"{API}/device",
        org_conn_id=CONN,
        params={
            "deviceId": OrgApiOperator(
                task_id="pick",
                endpoint=f"{API}/devices",
                params={"page": 0, "size": 1},
                org_conn_id=CONN,
                response_filter="content[0].id",
            ).output
        },
    )
    first >> second >> third

with DAG("second_try", schedule=None):

    @task(retries=1, retry_delay=timedelta(seconds=0))
    def flaky(ti=None, dag_run=None) -> str:
        name = OrgAuthHook(dag_run.conf["conn"]).run(f"{API}/profile").json()["name"]
        if ti.try_number == 1:
            raise RuntimeError("the first try always fails, after its call")
        return name

    flaky()

with DAG("failing", schedule=None, default_args={"retries": 3, "retry_delay": timedelta(seconds=0)}):
    OrgApiOperator(task_id="operator", endpoint=f"{API}/profile", org_conn_id=CONN)

    @task
    def taskflow(dag_run=None):
        OrgAuthHook(dag_run.conf["conn"]).run(f"{API}/profile")

    taskflow()

with DAG("results", schedule=None):
    OrgApiOperator(task_id="devices", endpoint=f"{API}/devices", params={"page": 0, "size": 2}, log_response=True)
    OrgApiOperator(
        task_id="too_large", endpoint=f"{API}/devices", params={"page": 0, "size": 1000}, max_result_bytes=10_000
    )
    OrgApiOperator(
        task_id="not_pushed",
        endpoint=f"{API}/devices",
        params={"page": 0, "size": 1000},
        max_result_bytes=10_000,
        do_xcom_push=False,
    )
    OrgApiOperator(
        task_id="empty",
        endpoint=f"{API}/device/datastream",
        method="POST",
        params={"deviceId": 1},
        json={"dataStreamId": 1, "value": "{{ task.task_id }}"},
        response_check=lambda response: response.status_code == 204,
    )
    OrgApiOperator(
        task_id="stopped",
        endpoint=f"{API}/slow",
        execution_timeout=timedelta(seconds=2),
    )

with DAG("killed", schedule=None):
    OrgApiOperator(task_id="waiting", endpoint=f"{API}/profile", org_conn_id=CONN)
