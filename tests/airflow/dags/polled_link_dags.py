"""Sensors that wait for ever, so that their links can be looked at meanwhile; and one that is done at once."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

PROFILE = "/api/v1/organization/profile"
ARGUMENTS = {
    "endpoint": PROFILE,
    "params": {"of": "{{ dag.dag_id }}"},
    "org_conn_id": "orgauth_polled",
    "poke_interval": 3600,
    "timeout": 86400,
}

with DAG("polled_link_waiting", schedule=None):
    OrgApiSensor(task_id="poke", mode="poke", until="id == `0`", **ARGUMENTS)
    OrgApiSensor(task_id="reschedule", mode="reschedule", until="id == `0`", **ARGUMENTS)
    OrgApiSensor(task_id="deferrable", deferrable=True, until="id == `0`", **ARGUMENTS)

with DAG("polled_link_done", schedule=None):
    OrgApiSensor(task_id="done", until="id", **ARGUMENTS)
    OrgApiSensor(task_id="hidden", until="id", **ARGUMENTS | {"params": {"api_key": "{{ 'a-templated-' ~ 's3cr3t' }}"}})
