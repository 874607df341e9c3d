"""DAGs whose tasks are retried, or not, as the server says; the default retry_delay is longer than any test waits."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.retry_policy import retry_policy_where_supported

PROFILE = "/api/v1/organization/profile"
ARGUMENTS = {"retries": 2, "retry_delay": timedelta(hours=1), **retry_policy_where_supported()}

with DAG("retry_policy", schedule=None):
    OrgApiOperator(task_id="limited", endpoint=PROFILE, org_conn_id="orgauth_retried", **ARGUMENTS)

# As one writes it once for all tasks.
with DAG("retry_policy_of_code", schedule=None, default_args=ARGUMENTS):

    @task
    def wrapped() -> None:
        try:
            OrgAuthHook("orgauth_retried").run(PROFILE)
        except Exception as error:
            raise LookupError("no profile") from error

    wrapped()
