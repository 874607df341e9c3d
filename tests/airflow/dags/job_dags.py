"""DAGs whose tasks start a job and wait for it; the connection is named in the run's conf."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"

SUBMISSION = {
    "endpoint": f"{API}/job/create",
    "method": "POST",
    "json": {"reference": "{{ run_id }}"},
    "org_conn_id": "{{ dag_run.conf['conn'] }}",
    "retries": 2,
    "retry_delay": timedelta(seconds=0),
}


def job(until="status == 'DONE'"):
    poll = {"endpoint": f"{API}/job", "params": {"jobId": "{id}"}}
    cancel = {"endpoint": f"{API}/job/cancel", "method": "PUT", "params": {"jobId": "{id}"}}
    return Job(
        id="id", poll=poll, until=until, fail_if="status == 'FAILED'", cancel=cancel, poke_interval=1, timeout=300
    )


def is_done(response, ti):
    """Look at the answer; the first try's worker dies of it, as one does for which memory is short."""
    if ti.try_number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return response.json()["status"] == "DONE"


with DAG("job_worker", schedule=None):
    OrgApiOperator(task_id="job", job=job(), deferrable=False, response_filter="id", **SUBMISSION)

with DAG("job_triggerer", schedule=None):
    OrgApiOperator(task_id="job", job=job(), deferrable=True, response_filter="id", **SUBMISSION)

with DAG("job_dies", schedule=None):
    OrgApiOperator(task_id="job", job=job(is_done), response_filter="id", **SUBMISSION)
