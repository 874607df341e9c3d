"""Start a firmware rollout and wait until it is finished: in a worker, without one, in code of your own."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, PokeReturnValue, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

API = "/api/v1/organization"

with DAG(dag_id="example_orgauth_waiting", schedule=None, catchup=False, tags=["example", "orgauth"]):
    start = OrgApiOperator(
        task_id="start",
        endpoint=f"{API}/shipment/create",
        method="POST",
        json={"title": "Nightly rollout"},
        response_filter="{shipmentId: id}",
    )

    # Short waits: between two looks, the task keeps its worker.
    finished = OrgApiSensor(
        task_id="finished",
        endpoint=f"{API}/shipment",
        params=start.output,
        until="status == 'FINISH'",
        fail_if="status == 'CANCEL'",
        value="shipmentProgress.{total: total, failure: failure}",
        mode="poke",
        poke_interval=2,
        timeout=600,
    )

    # Long waits, and thousands of them: the triggerer waits, and no worker is held.
    finished_in_the_triggerer = OrgApiSensor(
        task_id="finished_in_the_triggerer",
        endpoint=f"{API}/shipment",
        params=start.output,
        until="status == 'FINISH'",
        fail_if="status == 'CANCEL'",
        value="status",
        deferrable=True,
        poke_interval=2,
        timeout=600,
    )

    # Where no triggerer runs: between two looks, nothing does. Minutes suit it better than these seconds.
    finished_without_a_worker = OrgApiSensor(
        task_id="finished_without_a_worker",
        endpoint=f"{API}/shipment",
        params=start.output,
        until="status == 'FINISH'",
        fail_if="status == 'CANCEL'",
        value="status",
        mode="reschedule",
        poke_interval=2,
        timeout=600,
    )

    # What takes more than one request to tell.
    @task.sensor(poke_interval=2, timeout=600, mode="reschedule")
    def all_devices_have_it(shipment: dict) -> PokeReturnValue:
        found = OrgAuthHook(max_attempts=1).run(f"{API}/shipment", params=shipment).json()
        progress = found["shipmentProgress"]
        return PokeReturnValue(is_done=progress["pending"] == 0, xcom_value=progress["success"])

    @task
    def report(progress: dict, statuses: list[str], success: int) -> str:
        return f"{', '.join(statuses)}: {success} of {progress['total']} devices have it, {progress['failure']} failed."

    statuses = [finished_in_the_triggerer.output, finished_without_a_worker.output]
    report(finished.output, statuses, all_devices_have_it(start.output))
