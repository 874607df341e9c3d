"""Sensors and jobs that end in each way, wherever they wait; the connection is named in the run's conf."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from airflow_provider_orgauth.compat import DAG
from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

API = "/api/v1/organization"
CONN = "{{ dag_run.conf['conn'] }}"
WAYS = {
    "poke": {"mode": "poke", "deferrable": False, "poke_interval": 1},
    # Airflow fails a task that is to run again before it has noted that its process before has ended.
    "reschedule": {"mode": "reschedule", "deferrable": False, "poke_interval": 20},
    "deferrable": {"deferrable": True, "poke_interval": 8},
}
RUNS_ON = 2 * len(WAYS) + 1
SHIPMENTS = {way: {"met": 2 * at + 1, "failed": 2 * at + 2} for at, way in enumerate(WAYS)}
"""What is waited for: each way has a shipment that finishes and one that is cancelled; the last goes on for ever."""

ENDS = {
    "met": {"value": "status"},
    "failed": {"fail_if": "status == 'CANCEL'", "retries": 2, "retry_delay": timedelta(0)},
    # The last look of a task that is rescheduled is 19 seconds after the one before: Airflow fails a task that comes
    # back before its scheduler has heard that it left.
    "timed_out": {"timeout": 39},
    "skipped": {"timeout": 39, "soft_fail": True},
}
"""How a wait ends, and what the sensor is told for that."""


def note_end(context: dict) -> None:
    """Write a line for each end of a task: two lines, and it has ended twice."""
    task = context["ti"]
    with Path(os.environ["AIRFLOW_HOME"], "ended.txt").open("a") as ended:
        ended.write(f"{task.run_id} {task.task_id}\n")


NOTES = {"on_success_callback": note_end, "on_failure_callback": note_end, "on_skipped_callback": note_end}

with DAG("ended_waits", schedule=None):
    for way, about_way in WAYS.items():
        for end, about_end in ENDS.items():
            OrgApiSensor(
                task_id=f"{way}_{end}",
                endpoint=f"{API}/shipment",
                params={"shipmentId": SHIPMENTS[way].get(end, RUNS_ON)},
                org_conn_id=CONN,
                until="status == 'FINISH'",
                **about_way,
                **about_end,
                **NOTES,
            )
    for deferrable in (False, True):
        OrgApiOperator(
            task_id="deferrable_job" if deferrable else "job",
            endpoint=f"{API}/job/create",
            method="POST",
            json={"reference": "{{ run_id }}"},
            org_conn_id=CONN,
            job=Job(
                id="id",
                poll={"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
                until="status == 'DONE'",
                fail_if="status == 'FAILED'",
                poke_interval=8,
                timeout=300,
            ),
            response_filter="status",
            deferrable=deferrable,
            **NOTES,
        )
