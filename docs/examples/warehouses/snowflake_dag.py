"""Every device into a bucket each night, and from there into Snowflake, which reads the bucket through a stage."""

from datetime import UTC, datetime, timedelta

from airflow.providers.common.compat.sdk import DAG, Param
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.snowflake.transfers.copy_into_snowflake import CopyFromExternalStageToSnowflakeOperator

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

FILE = "{{ run_id | replace(':', '') }}.jsonl.gz"

with DAG(
    dag_id="nightly_snowflake",
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    params={"folder": Param("s3://aws_default@lake/devices", type="string")},
) as dag:
    export = OrgApiOperator(
        task_id="export",
        endpoint="/api/v1/organization/devices",
        pagination="page_number",
        output_path=f"{{{{ params.folder }}}}/{FILE}",
        unique_by="id",
        drop_fields=["token"],
        response_check="totalElements > `0`",
    )
    # It also makes Snowflake forget which files it has loaded: a retry loads the file again.
    empty = SQLExecuteQueryOperator(
        task_id="empty",
        conn_id="snowflake_default",
        sql="CREATE OR REPLACE TABLE devices_arriving (document VARIANT)",
    )
    # The stage: CREATE STAGE lake URL = 's3://lake/' STORAGE_INTEGRATION = ...
    copy = CopyFromExternalStageToSnowflakeOperator(
        task_id="copy",
        table="devices_arriving",
        stage="lake",
        prefix="devices/",
        files=[FILE],
        file_format="(TYPE = 'JSON' COMPRESSION = 'GZIP')",
        copy_options="ON_ERROR = 'ABORT_STATEMENT'",
    )
    # Who reads the table sees last night's devices or tonight's.
    replace = SQLExecuteQueryOperator(
        task_id="replace",
        conn_id="snowflake_default",
        sql="""
            CREATE OR REPLACE TABLE devices AS
            SELECT document:id::NUMBER AS id, document:name::STRING AS name, document FROM devices_arriving
        """,
    )
    export >> empty >> copy >> replace
