# ruff: noqa: ANN001, ANN201, S101
"""The nightly load into BigQuery. BIGQUERY_EMULATOR_HOST and STORAGE_EMULATOR_HOST say where it and its bucket are."""

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from bigquery_dag import dag

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


def test_two_nights_leave_the_devices_of_the_second(orgauth_connection):
    for each in dag.tasks:
        each.retries = 0
    first = dag.test()
    OrgAuthHook().run("/api/v1/organization/device", method="DELETE", params={"deviceId": 1})
    second = dag.test()

    assert first.state == second.state == "success"
    client = BigQueryHook().get_client(project_id="my-project")
    (row,) = client.query_and_wait("SELECT count(*) AS devices, min(id) AS least FROM iot.devices")
    assert (row.devices, row.least) == (2499, 2)
    assert "token" not in {field.name for field in client.get_table("my-project.iot.devices").schema}
