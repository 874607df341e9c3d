"""A hundred assets with a watcher each, all of one device; and a DAG that runs when all have an event."""

from __future__ import annotations

from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import DAG, task
from packaging.version import Version

from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger

WATCHERS = 100
ONLINE = {"endpoint": "/api/v1/organization/device/online", "params": {"deviceId": 7}}

if Version(airflow_version) >= Version("3.0"):
    from airflow.sdk import Asset, AssetWatcher

    def watched(number: int) -> Asset:
        """Return an asset whose watcher differs from the others, so that it is one of its own for Airflow."""
        trigger = OrgApiEventTrigger(
            ONLINE, when="connected == `false`", fields={f"number {number}": "connected"}, poke_interval=2
        )
        return Asset(f"watched_{number}", watchers=[AssetWatcher(name=f"watcher_{number}", trigger=trigger)])

    with DAG("watching", schedule=[watched(number) for number in range(WATCHERS)], catchup=False):

        @task
        def events(triggering_asset_events) -> int:
            return len(triggering_asset_events)

        events()
