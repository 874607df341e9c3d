# ruff: noqa: ANN001, ANN201, S101
"""The nightly load into Snowflake, which is fakesnow here: Snowflake's own connector, over DuckDB."""

import json

import fakesnow
from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook
from snowflake_dag import dag

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

CONNECTION = {
    "conn_type": "snowflake",
    "login": "fake",
    "password": "snow",
    "schema": "public",
    "extra": {"account": "fakesnow", "database": "iot"},
}


def test_two_nights_leave_the_devices_of_the_second(orgauth_connection, monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_CONN_SNOWFLAKE_DEFAULT", json.dumps(CONNECTION))
    for each in dag.tasks:
        each.retries = 0
    with fakesnow.patch():
        SnowflakeHook().run(f"CREATE STAGE lake URL = 'file://{tmp_path}/'")
        first = dag.test(run_conf={"folder": f"{tmp_path}/devices"})
        OrgAuthHook().run("/api/v1/organization/device", method="DELETE", params={"deviceId": 1})
        second = dag.test(run_conf={"folder": f"{tmp_path}/devices"})
        rows = SnowflakeHook().get_records("SELECT id, name, document FROM devices ORDER BY id")

    assert first.state == second.state == "success"
    assert len(rows) == 2499
    assert rows[0][0] == 2
    assert json.loads(rows[0][2])["name"] == rows[0][1]
    assert not any("token" in json.loads(document) for _, _, document in rows)
