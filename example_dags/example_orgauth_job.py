"""Start a job on the server, wait for its end without a worker, and write what came of it to a file."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, Param

from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"

with DAG(
    dag_id="example_orgauth_job",
    schedule=None,
    catchup=False,
    tags=["example", "orgauth"],
    params={"folder": Param("/tmp/orgauth-exports", type="string")},  # noqa: S108 - an example must run anywhere
):
    OrgApiOperator(
        task_id="report",
        # What starts it is sent by the worker, once.
        endpoint=f"{API}/job/create",
        method="POST",
        json={"reference": "{{ run_id }}", "input": {"report": "devices"}},
        job=Job(
            id="id",
            poll={"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
            until="status == 'DONE'",
            fail_if="status == 'FAILED' || status == 'CANCELLED'",
            result={"endpoint": f"{API}/job/result", "params": {"jobId": "{id}"}},
            # After a crash: does it run already?
            find={
                "endpoint": f"{API}/jobs",
                "params": {"reference": "{{ run_id }}", "size": 1, "page": 0},
                "id": "content[0].id",
            },
            # When the task is marked as failed, or takes longer than its execution_timeout.
            cancel={"endpoint": f"{API}/job/cancel", "method": "PUT", "params": {"jobId": "{id}"}},
            poke_interval=2,
            timeout=600,
        ),
        # The triggerer waits: no worker is held.
        deferrable=True,
        output_path="{{ params.folder }}/report-{{ run_id | replace(':', '') }}.json",
        retries=2,
    )
