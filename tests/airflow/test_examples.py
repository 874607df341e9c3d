"""The example DAGs do on real Airflow what they promise."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize("name", ["call", "taskflow", "scheduled"])
def test_an_example_runs_with_one_token_request(airflow3, orgauth_emulator, name):
    airflow3.put_connection(
        "orgauth_default",
        conn_type="orgauth",
        host=orgauth_emulator.url,
        login=orgauth_emulator.client_id,
        password=orgauth_emulator.client_secret,
    )
    dag_id = f"example_orgauth_{name}"
    run_id = airflow3.trigger(dag_id)

    assert airflow3.wait(dag_id, run_id) == "success", airflow3.task_states(dag_id, run_id)
    stats = orgauth_emulator.stats()
    assert stats["api_requests"] >= 2
    assert stats["token_requests"] == 1
    results = {
        row["task_id"]: row["value"] for row in airflow3.xcom_rows(dag_id, run_id) if row["key"] == "return_value"
    }
    if name == "call":
        assert results["report"].startswith("Emulated Organization has 2500 devices, among them ")
    if name == "scheduled":
        assert results["summary"]["devices"] > 2500
