"""Every device into a bucket each night, and from the file into PostgreSQL and DuckDB."""

import gzip
import shutil
from datetime import UTC, datetime, timedelta
from tempfile import NamedTemporaryFile

from airflow.providers.common.compat.sdk import DAG, ObjectStoragePath, Param, task

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

# One line, one value: JSON has no control characters in it, so none of these is ever found.
COPY = r"COPY devices_arriving (document) FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')"

with DAG(
    dag_id="example_orgauth_load",
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # the tables are one for all runs
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    params={
        "folder": Param("s3://aws_default@lake/devices", type="string"),
        "duckdb": Param("/data/devices.duckdb", type="string"),
    },
    tags=["example", "orgauth"],
) as dag:
    export = OrgApiOperator(
        task_id="export",
        endpoint="/api/v1/organization/devices",
        pagination="page_number",
        output_path="{{ params.folder }}/{{ run_id | replace(':', '') }}.jsonl.gz",
        unique_by="id",
        drop_fields=["token"],
        response_check="totalElements > `0`",  # a night without devices fails, and empties no table
    )

    @task
    def load_postgres(manifest: dict) -> int:
        from airflow.providers.postgres.hooks.postgres import PostgresHook

        postgres = PostgresHook()  # the connection postgres_default
        postgres.run(
            [
                "CREATE TABLE IF NOT EXISTS devices (id bigint PRIMARY KEY, name text, document jsonb NOT NULL)",
                "CREATE UNLOGGED TABLE IF NOT EXISTS devices_arriving (document jsonb NOT NULL)",
                "TRUNCATE devices_arriving",
            ]
        )
        with NamedTemporaryFile() as lines:
            with ObjectStoragePath(manifest["path"]).open("rb") as packed, gzip.open(packed) as unpacked:
                shutil.copyfileobj(unpacked, lines)
            lines.flush()
            postgres.copy_expert(COPY, lines.name)
        (arrived,) = postgres.get_first("SELECT count(*) FROM devices_arriving")
        if arrived != manifest["records"]:
            raise ValueError(f"{arrived} of {manifest['records']} records arrived. The table is as it was.")
        # One transaction: who reads the table sees last night's devices or tonight's, and nothing between.
        postgres.run(
            [
                "DELETE FROM devices",
                "INSERT INTO devices SELECT (document->>'id')::bigint, document->>'name', document"
                " FROM devices_arriving",
            ]
        )
        return arrived

    @task
    def load_duckdb(manifest: dict, params: dict | None = None) -> int:
        import duckdb

        path = ObjectStoragePath(manifest["path"])
        with duckdb.connect(params["duckdb"]) as database:
            database.register_filesystem(path.fs)  # with Airflow's credentials; DuckDB needs none of its own
            database.begin()
            # sample_size=-1: types are those of all records, not of the first 20,480.
            found = database.read_json(f"{path.protocol}://{path.path}", format="newline_delimited", sample_size=-1)
            found.create_view("arriving")
            database.execute("CREATE OR REPLACE TABLE devices AS SELECT * FROM arriving")
            database.execute("DROP VIEW arriving")
            (arrived,) = database.execute("SELECT count(*) FROM devices").fetchone()
            if arrived != manifest["records"]:
                raise ValueError(f"{arrived} of {manifest['records']} records arrived. The table is as it was.")
            database.commit()
        return arrived

    load_postgres(export.output)
    load_duckdb(export.output)
