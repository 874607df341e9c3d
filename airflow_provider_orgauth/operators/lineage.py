"""The written file as OpenLineage names it (https://openlineage.io/docs/spec/naming)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.exports.location import dataset_name


def lineage_of(manifest: Mapping[str, Any] | None) -> Any:
    """Return the ``OperatorLineage`` of an export or a download; None where there is none, or no OpenLineage."""
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
