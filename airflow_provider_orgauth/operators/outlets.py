"""Tell who waits for a file that it is there, and what is in it."""

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
            events[outlet].add(Asset(uri_of(manifest["path"])), extra=dict(manifest))
        elif isinstance(outlet, Asset):
            events[outlet].extra.update(manifest)


def uri_of(path: str) -> str:
    """Return a path as people name assets: ``file:///data/a.jsonl``, ``s3://bucket/devices/a.jsonl``.

    The connection's id before the ``@`` of Airflow's paths is no part of it: another task may read with another one.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return f"file://{os.path.abspath(path)}"
    host, slash, key = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{key}"
