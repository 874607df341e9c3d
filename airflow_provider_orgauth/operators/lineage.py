"""The written file as OpenLineage names it (https://openlineage.io/docs/spec/naming)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


def lineage_of(manifest: Mapping[str, Any] | None) -> Any:
    """Return the ``OperatorLineage`` of an export or a download, or None where there is none, or nobody to tell."""
    if manifest is None:
        return None
    try:
        from airflow.providers.common.compat.openlineage.facet import OutputDataset, OutputStatisticsOutputDatasetFacet
        from airflow.providers.openlineage.extractors import OperatorLineage
    except ImportError:
        return None
    namespace, name = dataset_name(manifest["path"])
    statistics = OutputStatisticsOutputDatasetFacet(rowCount=manifest.get("records"), size=manifest["bytes"])
    return OperatorLineage(
        outputs=[OutputDataset(namespace=namespace, name=name, outputFacets={"outputStatistics": statistics})]
    )


def dataset_name(path: str) -> tuple[str, str]:
    """Return namespace and name: ``s3://bucket`` and ``devices/a.jsonl``, or ``file`` and ``/data/a.jsonl``.

    The connection's id before the ``@`` of Airflow's paths is part of neither.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return "file", os.path.abspath(path)
    if scheme in ("file", "local"):
        return "file", rest
    host, _, key = rest.partition("/")
    return f"{_SAME.get(scheme, scheme)}://{host.rpartition('@')[2]}", key


_SAME = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
"""Airflow's other names of a store, and what it is called in OpenLineage."""
