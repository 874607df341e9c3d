"""What it replaces: one task keeps a token in a Variable, and all others hope that it is still good."""

import requests
from airflow.providers.common.compat.sdk import DAG, BaseHook, Variable, task

with DAG(dag_id="before_variable", schedule=None, catchup=False) as dag:

    @task
    def keep_token() -> None:
        server = BaseHook.get_connection("organization_api")
        answer = requests.post(
            f"{server.schema}://{server.host}:{server.port}/oauth2/token",
            params={"grant_type": "client_credentials"},
            auth=(server.login, server.password),
            timeout=30,
        )
        answer.raise_for_status()
        Variable.set("organization_api_token", answer.json()["access_token"])

    @task
    def organization() -> str:
        server = BaseHook.get_connection("organization_api")
        answer = requests.get(
            f"{server.schema}://{server.host}:{server.port}/api/v1/organization/profile",
            headers={"Authorization": f"Bearer {Variable.get('organization_api_token')}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()["name"]

    keep_token() >> organization()
