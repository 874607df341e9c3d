"""Every device into a bucket each night, and from there into BigQuery, which loads JSON Lines as they are."""

from datetime import UTC, datetime, timedelta

from airflow.providers.common.compat.sdk import DAG
from airflow.providers.google.cloud.transfers.gcs_to_bigquery import GCSToBigQueryOperator

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

FILE = "{{ run_id | replace(':', '') }}.jsonl.gz"

with DAG(
    dag_id="nightly_bigquery",
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
) as dag:
    export = OrgApiOperator(
        task_id="export",
        endpoint="/api/v1/organization/devices",
        pagination="page_number",
        output_path=f"gs://google_cloud_default@lake/devices/{FILE}",
        unique_by="id",
        drop_fields=["token"],
        response_check="totalElements > `0`",
    )
    load = GCSToBigQueryOperator(
        task_id="load",
        bucket="lake",
        source_objects=[f"devices/{FILE}"],
        source_format="NEWLINE_DELIMITED_JSON",
        destination_project_dataset_table="my-project.iot.devices",
        autodetect=True,
        # The table is replaced as a whole, when the load is complete.
        write_disposition="WRITE_TRUNCATE",
    )
    export >> load
