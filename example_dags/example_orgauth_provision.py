"""Create the devices that a CSV lists and the organization lacks: a second run creates none, a third neither."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, Param, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"
WANTED = "name,templateId\nPump 1,353\nPump 2,353\n"

with DAG(
    dag_id="example_orgauth_provision",
    schedule=None,
    catchup=False,
    params={"csv": Param("", type="string", description="Path of a CSV with name and templateId; empty: two pumps")},
    tags=["example", "orgauth"],
):

    @task(retries=2, retry_delay=timedelta(minutes=1))
    def provision(params: dict | None = None) -> list[str]:
        """Create what is missing, and return its names.

        What there is, each try asks the server. A POST whose fate is not known is not sent again by the hook: the task
        fails, and its next try sees in the list whether the device is there.
        """
        hook = OrgAuthHook()
        text = Path(params["csv"]).read_text() if params["csv"] else WANTED
        there = {device["name"] for device in hook.paginate(f"{API}/devices", pagination="page_number")}
        created = []
        for row in csv.DictReader(io.StringIO(text)):
            if row["name"] not in there:
                device = {"name": row["name"], "templateId": int(row["templateId"]), "ownerId": 879, "orgId": 578}
                hook.run(f"{API}/device/create", method="POST", json=device)
                created.append(row["name"])
        return created

    provision()
