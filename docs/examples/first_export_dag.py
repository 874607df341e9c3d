"""The first export: every device into one file, without its credential."""

from airflow.providers.common.compat.sdk import DAG, Param

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

with DAG(
    dag_id="first_export",
    schedule=None,
    catchup=False,
    params={"folder": Param("/data/exports", type="string")},
) as dag:
    OrgApiOperator(
        task_id="export",
        endpoint="/api/v1/organization/devices",
        pagination="page_number",
        output_path="{{ params.folder }}/devices-{{ run_id | replace(':', '') }}.jsonl.gz",
        drop_fields=["token"],
    )
