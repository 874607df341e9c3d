"""The exported file as OpenLineage names it (https://openlineage.io/docs/spec/naming)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def lineage_of(manifest: Mapping[str, Any] | None) -> Any:
    """Return the ``OperatorLineage`` of an export, or None where there is none, or nobody to tell."""
    if manifest is None:
        return None
    try:
        from airflow.providers.common.compat.openlineage.facet import OutputDataset, OutputStatisticsOutputDatasetFacet
        from airflow.providers.openlineage.extractors import OperatorLineage
    except ImportError:
        return None
    namespace, name = dataset_name(manifest["path"])
    statistics = OutputStatisticsOutputDatasetFacet(rowCount=manifest["records"], size=manifest["bytes"])
    return OperatorLineage(
        outputs=[OutputDataset(namespace=namespace, name=name, outputFacets={"outputStatistics": statistics})]
    )


def dataset_name(path: str) -> tuple[str, str]:
    """Return namespace and name: ``s3://bucket`` and ``devices/a.jsonl``, or ``file`` and ``/data/a.jsonl``.

    The connection's id before the ``@`` of Airflow's paths is part of neither.
    """
    parts = urlsplit(path)
    scheme = parts.scheme or "file"
    if scheme in ("file", "local"):
        return "file", parts.path
    host = parts.netloc.rpartition("@")[2]
    return (f"{scheme}://{host}", parts.path.lstrip("/")) if host else (scheme, parts.path)
