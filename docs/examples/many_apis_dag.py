"""Many servers, one pattern: each row names a connection, and says what is different there."""

from airflow.providers.common.compat.sdk import DAG, Param

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"

SOURCES = [
    {"org_conn_id": "orgauth_europe", "endpoint": f"{API}/devices", "drop_fields": ["token"]},
    {"org_conn_id": "orgauth_america", "endpoint": f"{API}/devices", "drop_fields": ["token"]},
    {"org_conn_id": "orgauth_asia", "endpoint": f"{API}/users", "pagination": {"type": "page_number", "size": 100}},
]

with DAG(
    dag_id="many_apis",
    schedule="@daily",
    catchup=False,
    default_args={"retries": 2},
    params={"folder": Param("/data/exports", type="string")},
) as dag:
    OrgApiOperator.partial(
        task_id="export",
        # Shown in the UI instead of the map index.
        map_index_template="{{ task.org_conn_id }}",
        max_active_tis_per_dag=4,
    ).expand_kwargs(
        [
            {
                "pagination": "page_number",
                "output_path": f"{{{{ params.folder }}}}/{source['org_conn_id']}-"
                "{{ run_id | replace(':', '') }}.jsonl.gz",
                **source,
            }
            for source in SOURCES
        ]
    )
