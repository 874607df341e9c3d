"""Export every device, then load the file into a table: run again as often as you like, the table is the same.

The table is in SQLite here, so that the example runs anywhere. `docs/howto/load.md` has the same for DuckDB, Postgres,
Snowflake and BigQuery.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone

from airflow.providers.common.compat.sdk import DAG, Param, task

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(
    dag_id="example_orgauth_load",
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - as Airflow's own examples write it
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    params={"folder": Param("/tmp/orgauth-loads", type="string")},  # noqa: S108 - an example must run anywhere
    tags=["example", "orgauth"],
):
    exported = OrgApiOperator(
        task_id="export_devices",
        endpoint="/api/v1/organization/devices",
        pagination="page_number",
        output_path="{{ params.folder }}/devices-{{ run_id | replace(':', '') }}.jsonl.gz",
        fields=["id", "name", "orgId"],
        unique_by="id",
        strict=True,  # a list that changed while it was read fails here, and the table keeps what it has
    )

    @task
    def load(manifest: dict, params: dict | None = None) -> int:
        """Replace the table's rows in one transaction: all of them, or none."""
        with gzip.open(manifest["path"], "rt") as lines:
            rows = [(record["id"], record["name"], record["orgId"]) for record in map(json.loads, lines)]
        with closing(sqlite3.connect(f"{params['folder']}/devices.sqlite")) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS devices (id INTEGER PRIMARY KEY, name TEXT, org_id INTEGER)")
            database.execute("DELETE FROM devices")
            database.executemany("INSERT INTO devices VALUES (?, ?, ?)", rows)
            return database.execute("SELECT count(*) FROM devices").fetchone()[0]

    load(exported.output)
