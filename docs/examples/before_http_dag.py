"""What it replaces: a task leaves a token in XCom, in plain text, and HttpOperator takes it from there."""

import requests
from airflow.providers.common.compat.sdk import DAG, BaseHook, task
from airflow.providers.http.operators.http import HttpOperator

with DAG(dag_id="before_http", schedule=None, catchup=False) as dag:

    @task
    def get_token() -> str:
        server = BaseHook.get_connection("organization_api")
        answer = requests.post(
            f"{server.schema}://{server.host}:{server.port}/oauth2/token",
            params={"grant_type": "client_credentials"},
            auth=(server.login, server.password),
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()["access_token"]

    HttpOperator(
        task_id="organization",
        http_conn_id="organization_api",
        endpoint="/api/v1/organization/profile",
        method="GET",
        headers={"Authorization": "Bearer {{ ti.xcom_pull(task_ids='get_token') }}"},
        auth_type=lambda login, password: None,
        response_filter=lambda response: response.json()["name"],
    ).set_upstream(get_token())
