"""What replaces it: the hook has the token, which is shared, encrypted, and renewed before it expires."""

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

with DAG(dag_id="after_variable", schedule=None, catchup=False) as dag:

    @task
    def organization() -> str:
        return OrgAuthHook("organization_api").run("/api/v1/organization/profile").json()["name"]

    organization()
