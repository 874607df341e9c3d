"""Tell who waits for a file that it is there, and what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def tell_outlets(outlets: Iterable[Any], manifest: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    """Put the manifest into the asset event of each of the task's outlets.

    An alias stands for the file itself: its asset is named by the path.
    """
    from airflow.providers.common.compat.sdk import Asset, AssetAlias

    events = context.get("outlet_events")
    if events is None:
        return
    for outlet in outlets:
        if isinstance(outlet, AssetAlias):
            events[outlet].add(Asset(manifest["path"]), extra=dict(manifest))
        elif isinstance(outlet, Asset):
            events[outlet].extra.update(manifest)
