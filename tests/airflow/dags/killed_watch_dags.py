"""One watcher, whose triggerers are killed. The DAG never runs: nobody updates its second asset."""

from __future__ import annotations

from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import DAG, task
from packaging.version import Version

from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger

if Version(airflow_version) >= Version("3.0"):
    from airflow.sdk import Asset, AssetWatcher

    offline = OrgApiEventTrigger(
        {"endpoint": "/api/v1/organization/device/online", "params": {"deviceId": 11}},
        when="connected == `false`",
        poke_interval=1,
    )
    watched = Asset("killed_watch", watchers=[AssetWatcher(name="killed_watcher", trigger=offline)])

    with DAG("killed_watch", schedule=[watched, Asset("never_updated")], catchup=False):

        @task
        def nothing() -> None:
            """Do nothing, and never."""

        nothing()
