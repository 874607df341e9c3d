"""The parts of the operator's arguments: each is of use without an operator."""

import dataclasses
import gzip
import inspect
import json

import pytest

from airflow_provider_orgauth.answers.request_arguments import RequestArguments
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators import arguments as parts
from airflow_provider_orgauth.operators.export_result import exported
from airflow_provider_orgauth.operators.interval import Interval
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICES = "/api/v1/organization/devices"
PARTS = [RequestArguments] + [
    part
    for name, part in inspect.getmembers(parts, inspect.isclass)
    if name.endswith("Arguments") and name != "Arguments"
]


def test_an_export_needs_no_operator(orgauth_emulator, monkeypatch, tmp_path):
    hook = OrgAuthHook(orgauth_emulator.set_connection(monkeypatch, cache="memory"))
    path = tmp_path / "devices.jsonl.gz"
    arguments = parts.ExportArguments(
        org_conn_id="orgauth_default",
        output_path=str(path),
        outlets=(),
        fields=["id"],
        drop_fields=None,
        unique_by="id",
        strict=True,
        require_fields=True,
        time_field=None,
    )
    pages = hook.paginate(DEVICES, pagination=PageNumberPagination(size=50))

    manifest = exported(arguments, pages, hook=hook, interval=Interval(None, None), time_field=None, context={})

    records = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert len(records) == manifest["records"] > 50
    assert all(record.keys() == {"id"} for record in records)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_the_operators_own_and_does_not_change(part):
    operator = OrgApiOperator(task_id="t", endpoint="/x", headers={"X-Api-Key": "s3cr3t"}, query={"a": 1})
    more = {"params": {"a": 1}} if part is RequestArguments else {}
    values = part.of(operator, **more)

    for field in dataclasses.fields(part):
        assert getattr(values, field.name) == (more or vars(operator)).get(field.name, getattr(operator, field.name))
    with pytest.raises(dataclasses.FrozenInstanceError):
        values.endpoint = "/y"
    assert "s3cr3t" not in repr(values)


def test_the_connection_is_the_hooks_unless_another_is_named():
    assert OrgApiOperator(task_id="t", endpoint="/x").org_conn_id == OrgAuthHook().org_conn_id == "orgauth_default"


def test_there_are_some():
    assert len(PARTS) == 6
