"""What OpenLineage is told of an export, by Airflow's own provider for it."""

import os
import sys

import pytest
from airflow.providers.openlineage.extractors.base import DefaultExtractor

from airflow_provider_orgauth.operators.lineage import dataset_name
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

DEVICES = "/api/v1/organization/devices"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/data/a.jsonl", ("file", "/data/a.jsonl")),
        ("/data/a#1?b:c.jsonl", ("file", "/data/a#1?b:c.jsonl")),
        ("data:2026/a.jsonl", ("file", os.path.abspath("data:2026/a.jsonl"))),
        ("file:///data/a b.jsonl", ("file", "/data/a b.jsonl")),
        ("s3://bucket/devices/a.jsonl.gz", ("s3://bucket", "devices/a.jsonl.gz")),
        ("s3://aws_default@bucket/devices/a#1?.jsonl", ("s3://bucket", "devices/a#1?.jsonl")),
        ("s3a://conn@bucket/a", ("s3://bucket", "a")),
        ("gcs://bucket/a@b", ("gs://bucket", "a@b")),
        ("abfs://conn@container/a", ("abfs://container", "a")),
    ],
)
def test_a_file_has_the_name_that_openlineage_gives_it(path, expected):
    assert dataset_name(path) == expected


@pytest.fixture
def make(orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    return lambda **arguments: OrgApiOperator(task_id="t", endpoint=DEVICES, **arguments)


def told(operator):
    """What Airflow's listener asks an operator for when its task is done."""
    return DefaultExtractor(operator).extract_on_complete(task_instance=None)


def test_the_file_of_an_export_with_its_size(make, tmp_path):
    operator = make(output_path=str(tmp_path / "a.jsonl"), pagination={"size": 1000})
    operator.execute({})

    [output] = told(operator).outputs
    assert (output.namespace, output.name) == ("file", str(tmp_path / "a.jsonl"))
    assert output.outputFacets["outputStatistics"].rowCount == 2500
    assert output.outputFacets["outputStatistics"].size == (tmp_path / "a.jsonl").stat().st_size


def test_nothing_where_there_is_no_file(make, tmp_path):
    operator = make(response_filter="totalElements")
    operator.execute({})
    failed = make(output_path=str(tmp_path / "a.jsonl"), pagination={"size": 1000}, records="nothing")
    with pytest.raises(Exception, match="records"):
        failed.execute({})

    for one in (operator, failed):
        assert not (found := told(one)) or found.outputs == []


def test_nothing_where_nobody_is_to_be_told(make, tmp_path, monkeypatch):
    operator = make(output_path=str(tmp_path / "a.jsonl"), pagination={"size": 1000})
    operator.execute({})
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage.extractors", None)

    assert operator.get_openlineage_facets_on_complete(None) is None
