"""A call by the hook, in a function: it fails where the connection does."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

with DAG(dag_id="browser_hook", schedule=None, catchup=False):

    @task
    def profile() -> str:
        return OrgAuthHook().run("/api/v1/organization/profile").json()["name"]

    profile()
