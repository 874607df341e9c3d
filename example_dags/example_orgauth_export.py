"""Every device into a file each night, and what came in since the last time; a second DAG reads what is complete."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.common.compat.sdk import DAG, Asset, Param, task

from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

API = "/api/v1/organization"
DEVICES = Asset(name="orgauth_example_devices", uri="orgauth-example://devices")

with DAG(
    dag_id="example_orgauth_export",
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - as Airflow's own examples write it
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5), "org_conn_id": "orgauth_default"},
    # A folder, or a bucket with the id of its connection: s3://aws_default@lake/orgauth
    params={"folder": Param("/tmp/orgauth-exports", type="string")},  # noqa: S108 - an example must run anywhere
    tags=["example", "orgauth"],
):
    # A device carries its own credential: it does not belong in the file.
    OrgApiOperator(
        task_id="export_devices",
        endpoint=f"{API}/devices",
        params={"includeSubOrgDevices": "true"},
        pagination=PageNumberPagination(),
        output_path="{{ params.folder }}/devices-{{ run_id | replace(':', '') }}.jsonl.gz",
        unique_by="id",
        drop_fields=["token"],
        outlets=[DEVICES],
    )

    # The watermark moves when the file is complete: a night that failed is made up for by the next.
    OrgApiOperator(
        task_id="export_readings",
        endpoint=f"{API}/device/datastream/history",
        params={"deviceId": 1, "pin": "V1"},
        pagination=PageNumberPagination(),
        output_path="{{ params.folder }}/readings-{{ run_id | replace(':', '') }}.jsonl",
        since="from",
        until="to",
        watermark="orgauth_example_readings",
    )


with DAG(
    dag_id="example_orgauth_exported",
    schedule=[DEVICES],
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017
    catchup=False,
    tags=["example", "orgauth"],
):

    @task
    def look_at(**context) -> list[dict]:
        """Each event carries the manifest of its export."""
        found = context.get("triggering_asset_events") or context["triggering_dataset_events"]  # in Airflow 2
        return [event.extra for events in found.values() for event in events]

    look_at()
