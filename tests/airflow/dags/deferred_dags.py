"""DAGs that wait in the triggerer."""

from __future__ import annotations

import os
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

WAITS = 3


def note_end(context: dict) -> None:
    """Write a line for each end of a wait: two lines, and it was resumed twice."""
    task = context["ti"]
    with Path(os.environ["AIRFLOW_HOME"], "ended.txt").open("a") as ended:
        ended.write(f"{task.run_id} {task.map_index}\n")


with DAG("deferred", schedule=None, catchup=False):
    OrgApiSensor.partial(
        task_id="online",
        endpoint="/api/v1/organization/device/online",
        org_conn_id="deferred",
        until="connected",
        poke_interval=1,
        timeout=600,
        deferrable=True,
        on_success_callback=note_end,
    ).expand(params=[{"deviceId": number} for number in range(1, WAITS + 1)])
