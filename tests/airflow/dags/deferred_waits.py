"""Three sensors that wait in the triggerer: for what comes, for what fails, and for what never comes."""

from __future__ import annotations

import datetime

from airflow_provider_orgauth.compat import DAG
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor


def progress(response, ti):
    """Take of the context what the triggerer does not have."""
    return [ti.task_id, response.json()["shipmentProgress"]["total"]]


with DAG("deferred_waits", schedule=None, start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)):
    for task_id, shipment_id, about in (
        ("met", 1, {"value": "status"}),
        ("met_by_function", 4, {"value": progress}),
        ("failed", 2, {"fail_if": "status == 'CANCEL'"}),
        ("timed_out", 3, {"timeout": 4}),
        ("skipped", 3, {"timeout": 3, "soft_fail": True}),
    ):
        OrgApiSensor(
            task_id=task_id,
            endpoint="/api/v1/organization/shipment",
            params={"shipmentId": shipment_id},
            until="status == 'FINISH'",
            poke_interval=1,
            deferrable=True,
            **about,
        )
