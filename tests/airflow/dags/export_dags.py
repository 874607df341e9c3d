"""DAGs that export to files; the connection and the folder are named in the run's conf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, Asset, AssetAlias, task, task_group

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICES = "/api/v1/organization/devices"
PROFILE = "/api/v1/organization/profile"
CONN = "{{ dag_run.conf['conn'] }}"
FOLDER = "{{ dag_run.conf['folder'] }}"
FIXED_FOLDER = Path(__file__).parent.parent / "exported"
"""Beside the DAG folder: an asset's name cannot wait for a run's conf."""

START = datetime(2025, 6, 1, tzinfo=UTC)
AGAIN_AT_ONCE = {"retries": 1, "retry_delay": timedelta(seconds=0)}

with DAG("export", schedule=None):
    OrgApiOperator(
        task_id="whole",
        endpoint=DEVICES,
        org_conn_id=CONN,
        pagination={"size": 100},
        output_path=f"{FOLDER}/{{{{ task.task_id }}}}.jsonl.gz",
        max_concurrency=4,
    ) >> OrgApiOperator(
        task_id="without_tokens",
        endpoint=DEVICES,
        org_conn_id=CONN,
        pagination=PageNumberPagination(),
        output_path=f"file://{FOLDER}/deep/er/{{{{ task.task_id }}}}.jsonl",
        drop_fields=["token"],
    )

with DAG("export_retried", schedule=None, default_args=AGAIN_AT_ONCE):
    OrgApiOperator(
        task_id="devices",
        endpoint=DEVICES,
        org_conn_id=CONN,
        pagination={"size": 100},
        output_path=f"{FOLDER}/devices.jsonl",
        max_concurrency=2,
        unique_by="id",
    )

EXPORTED = Asset(f"file://{FIXED_FOLDER}/by asset.jsonl")

with DAG("export_assets", schedule=None):
    for name, outlet in (("asset", EXPORTED), ("alias", AssetAlias("exported_devices"))):
        OrgApiOperator(
            task_id=name,
            endpoint=DEVICES,
            org_conn_id=CONN,
            pagination={"size": 1000},
            output_path=str(FIXED_FOLDER / f"by {name}.jsonl"),
            outlets=[outlet],
        )


@task
def seen(**context):
    """Return what the triggering events say: a list of extras by URI, or by an alias's name."""
    events = context.get("triggering_asset_events") or context["triggering_dataset_events"]
    extras = {}
    for key in events:
        name = key if isinstance(key, str) else getattr(key, "uri", None) or key.name
        extras[name] = [event.extra for event in events[key]]
    return extras


with DAG("on_asset", schedule=[EXPORTED], start_date=START):
    seen()

with DAG("on_alias", schedule=[AssetAlias("exported_devices")], start_date=START):
    seen()

HISTORY = {
    "endpoint": "/api/v1/organization/device/datastream/history",
    "org_conn_id": CONN,
    "params": {"deviceId": 1, "pin": "V1"},
    "pagination": {"size": 100},
    "since": "from",
    "until": "to",
}

with DAG("readings_of_interval", schedule=None):
    OrgApiOperator(task_id="readings", output_path=f"{FOLDER}/readings.jsonl", **HISTORY)

with DAG("readings_since", schedule=None):
    OrgApiOperator(
        task_id="readings",
        output_path=f"{FOLDER}/{{{{ run_id }}}}.jsonl",
        watermark="{{ dag_run.conf['watermark'] }}",
        **HISTORY,
    )

with DAG("readings_daily", schedule="@daily", start_date=START, catchup=False, is_paused_upon_creation=True):
    OrgApiOperator(task_id="readings", output_path=f"{FOLDER}/readings.jsonl", **HISTORY)


def by_number(request, answer):
    """Go on until a page is empty."""
    number = request.params.get("page", 0)
    return {"page": number + 1, "size": 1000} if answer.count else None


def second_attempt(response, ti):
    """Let the first attempt fail."""
    return ti.try_number > 1


with DAG("export_one_file", schedule=None):
    about = {"endpoint": DEVICES, "org_conn_id": CONN, "pagination": {"size": 1000}}
    OrgApiOperator.partial(task_id="mapped", output_path=f"{FOLDER}/mapped.jsonl", **about).expand(
        params=[{"kind": kind} for kind in "abc"]
    )
    OrgApiOperator.partial(task_id="expanded", **about).expand(output_path=[f"{FOLDER}/expanded.jsonl"] * 2)
    OrgApiOperator.partial(task_id="own", output_path=f"{FOLDER}/own-{{{{ ti.map_index }}}}.jsonl", **about).expand(
        params=[{"kind": kind} for kind in "ab"]
    )
    OrgApiOperator(task_id="first", output_path=f"{FOLDER}/both.jsonl", **about) >> OrgApiOperator(
        task_id="second", output_path=f"file://{FOLDER}/./both.jsonl", **about
    )
    OrgApiOperator(
        task_id="primary", output_path=f"{FOLDER}/either.jsonl", **{**about, "endpoint": "/no/such"}
    ) >> OrgApiOperator(task_id="instead", output_path=f"{FOLDER}/either.jsonl", trigger_rule="all_failed", **about)
    OrgApiOperator(
        task_id="again", output_path=f"{FOLDER}/again.jsonl", response_check=second_attempt, **AGAIN_AT_ONCE, **about
    )

    @task_group
    def group(name):
        OrgApiOperator(task_id="in_group", output_path=f"{FOLDER}/group.jsonl", **about)

    group.expand(name=["a", "b"])

    @task
    def downloaded(name, dag_run=None):
        OrgAuthHook(dag_run.conf["conn"]).download(PROFILE, f"{dag_run.conf['folder']}/downloaded.json")

    downloaded.expand(name=["a", "b"])

with DAG("export_mapped", schedule=None):
    OrgApiOperator.partial(
        task_id="paths", endpoint=DEVICES, org_conn_id=CONN, pagination=PageNumberPagination(size=1000)
    ).expand(output_path=[f"{FOLDER}/path-1.jsonl", f"{FOLDER}/path-2.jsonl.gz"])
    OrgApiOperator.partial(task_id="kwargs", endpoint=DEVICES, org_conn_id=CONN).expand_kwargs(
        [
            {"pagination": {"type": "page_number", "size": 500}, "output_path": f"{FOLDER}/kwargs-1.jsonl"},
            {"pagination": PageNumberPagination(size=700), "output_path": f"{FOLDER}/kwargs-2.jsonl"},
        ]
    )
    OrgApiOperator(
        task_id="function",
        endpoint=DEVICES,
        org_conn_id=CONN,
        params={"size": 1000},
        pagination=by_number,
        output_path=f"{FOLDER}/function.jsonl",
    )
