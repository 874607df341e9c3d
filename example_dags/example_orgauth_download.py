"""A job whose answer has a link to a file in another server's store: it is fetched without the token."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, Param

from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"

with DAG(
    dag_id="example_orgauth_download",
    schedule=None,
    catchup=False,
    tags=["example", "orgauth"],
    params={"folder": Param("/tmp/orgauth-exports", type="string")},  # noqa: S108 - an example must run anywhere
):
    OrgApiOperator(
        task_id="report",
        endpoint=f"{API}/job/create",
        method="POST",
        json={"reference": "{{ run_id }}", "input": {"report": "readings"}},
        job=Job(
            id="id",
            poll={"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
            until="status == 'DONE'",
            fail_if="status == 'FAILED' || status == 'CANCELLED'",
            # Where the link is in the answer. Asked for last: it runs out soon, and each look gives a new one.
            download="fileUrl",
            poke_interval=2,
            timeout=600,
        ),
        deferrable=True,
        output_path="{{ params.folder }}/download-{{ run_id | replace(':', '') }}.json",
        retries=2,
    )
