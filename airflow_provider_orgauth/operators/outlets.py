"""Put the manifest into the asset events of the task, for DAGs that wait for the file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any


def tell_outlets(outlets: Iterable[Any], manifest: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    """Put the manifest into the asset event of each of the task's outlets.

    An alias stands for the file itself: its asset is named by :func:`uri_of` the path.
    """
    from airflow_provider_orgauth.compat import Asset, AssetAlias

    events = context.get("outlet_events")
    if events is None:
        return
    for outlet in outlets:
        if isinstance(outlet, AssetAlias):
            events[outlet].add(Asset(uri_of(manifest["path"])), extra=_extra(manifest))
        elif isinstance(outlet, Asset):
            events[outlet].extra.update(manifest)


def _extra(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an alias's event says of the file: the manifest, in JSON."""
    from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

    if AIRFLOW_V_3_0_PLUS:
        return dict(manifest)
    # Airflow 2 puts the values into a set, when the task is done already.
    return {name: tuple(value) if isinstance(value, list) else value for name, value in manifest.items()}


def uri_of(path: str) -> str:
    """Return a path as people name assets: ``file:///data/a.jsonl``, ``s3://bucket/devices/a.jsonl``.

    The connection's id before the ``@`` of Airflow's paths is no part of it: another task may read with another one.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return f"file://{os.path.abspath(path)}"
    host, slash, key = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{key}"
