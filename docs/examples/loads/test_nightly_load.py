# ruff: noqa: ANN001, ANN201, S101
"""The nightly load into databases that are there; ORGAUTH_LOAD_FOLDER says where the files go."""

import os
from datetime import timedelta

import duckdb
import pytest
from airflow.providers.postgres.hooks.postgres import PostgresHook
from example_orgauth_load import dag

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

DEVICE = "/api/v1/organization/device"
AWKWARD = 'Tab\t "ü" \\n, \\. and \\x02'


def in_postgres():
    return PostgresHook().get_records("SELECT id, name, document FROM devices ORDER BY id")


def in_duckdb(path):
    with duckdb.connect(path) as database:
        return database.execute("SELECT id, name FROM devices ORDER BY id").fetchall()


def test_two_nights_leave_the_devices_of_the_second(orgauth_connection, tmp_path):
    conf = {"folder": os.environ["ORGAUTH_LOAD_FOLDER"], "duckdb": str(tmp_path / "devices.duckdb")}
    first = dag.test(run_conf=conf)
    OrgAuthHook().run(DEVICE, method="DELETE", params={"deviceId": 1})
    OrgAuthHook().run(DEVICE, method="PUT", params={"deviceId": 2}, json={"name": AWKWARD})
    second = dag.test(run_conf=conf)

    for run, devices in ((first, 2500), (second, 2499)):
        for task_id in ("load_postgres", "load_duckdb"):
            assert run.get_task_instance(task_id).xcom_pull(task_ids=task_id) == devices
    rows = in_postgres()
    assert [row[:2] for row in rows] == in_duckdb(conf["duckdb"])
    assert len(rows) == 2499
    assert rows[0][:2] == (2, AWKWARD)
    assert not any("token" in document for _, _, document in rows)

    # A file that is not what the manifest says leaves both tables as they are.
    manifest = second.get_task_instance("export").xcom_pull(task_ids="export")
    wrong = {**manifest, "records": manifest["records"] + 1}
    with pytest.raises(ValueError, match="2499 of 2500 records arrived"):
        dag.get_task("load_postgres").python_callable(wrong)
    old = first.get_task_instance("export").xcom_pull(task_ids="export")
    with pytest.raises(ValueError, match="2500 of 2501 records arrived"):
        dag.get_task("load_duckdb").python_callable({**old, "records": 2501}, params=conf)
    assert in_postgres() == rows
    assert in_duckdb(conf["duckdb"]) == [row[:2] for row in rows]


def test_an_organization_without_devices_empties_no_table(orgauth_emulator, orgauth_connection, monkeypatch, tmp_path):
    before = in_postgres()
    monkeypatch.setattr(dag.get_task("export"), "retry_delay", timedelta(0))
    orgauth_emulator.fault("status", "/devices", status=200, body='{"content": [], "totalElements": 0}', times=0)

    conf = {"folder": os.environ["ORGAUTH_LOAD_FOLDER"], "duckdb": str(tmp_path / "devices.duckdb")}
    run = dag.test(run_conf=conf)

    assert run.state == "failed"
    assert in_postgres() == before != []
