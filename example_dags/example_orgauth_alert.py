"""Run when a device goes offline: a watcher in Airflow's triggerer updates an asset, and the asset starts the DAG.

Watchers came with Airflow 3. On an older one, this DAG looks once in ten minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import DAG, task
from packaging.version import Version

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger

API = "/api/v1/organization"
DEVICE = {"deviceId": 1}
AIRFLOW_HAS_WATCHERS = Version(airflow_version) >= Version("3.0")

if AIRFLOW_HAS_WATCHERS:
    from airflow.sdk import Asset, AssetWatcher

    offline = OrgApiEventTrigger(
        {"endpoint": f"{API}/device/online", "params": DEVICE},
        when="connected == `false`",
        fields=["connected"],
        poke_interval=5,
    )
    schedule = [Asset("orgauth_device_offline", watchers=[AssetWatcher(name="orgauth_device", trigger=offline)])]
else:
    schedule = timedelta(minutes=10)

with DAG(
    dag_id="example_orgauth_alert",
    schedule=schedule,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017
    catchup=False,
    tags=["example", "orgauth"],
):

    @task
    def alert(**context) -> list[str]:
        """Say which device it is. A change that is told twice has the same text in ``change``."""
        hook = OrgAuthHook()
        found = context.get("triggering_asset_events") or {}
        changes = sorted({event.extra["payload"]["change"] for events in found.values() for event in events})
        if not changes:  # started by hand, or without watchers
            is_connected = hook.run(f"{API}/device/online", params=DEVICE).json()["connected"]
            changes = [] if is_connected else ["seen just now"]
        device = hook.run(f"{API}/device", params=DEVICE).json()
        return [f"{device['name']} is offline ({change})." for change in changes]

    alert()
