"""The example DAGs do on real Airflow what they promise.

Two are shown by how-to guides, and run with those: `load` in tests/exports/test_loads.py, `provision` in
docs/examples/test_howto_dags.py. `alert` is in test_watchers.py.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize(
    "name",
    ["call", "taskflow", "scheduled", "export", "async", "waiting", "job", "download"],
)
def test_an_example_runs_with_one_token_request(airflow3, orgauth_emulator, tmp_path, name):
    airflow3.put_connection(
        "orgauth_default",
        conn_type="orgauth",
        host=orgauth_emulator.url,
        login=orgauth_emulator.client_id,
        password=orgauth_emulator.client_secret,
    )
    dag_id = f"example_orgauth_{name}"
    takes_folder = name in ("export", "job", "download")
    run_id = airflow3.trigger(dag_id, {"folder": str(tmp_path)} if takes_folder else None)

    assert airflow3.wait(dag_id, run_id) == "success", airflow3.task_states(dag_id, run_id)
    stats = orgauth_emulator.stats()
    assert stats["api_requests"] >= 2
    assert stats["token_requests"] == 1
    runs = airflow3.query("SELECT run_id FROM dag_run WHERE dag_id = ?", dag_id)
    assert [row["run_id"] for row in runs] == [run_id]  # no other asks for anything beside it
    results = {
        row["task_id"]: row["value"] for row in airflow3.xcom_rows(dag_id, run_id) if row["key"] == "return_value"
    }
    if name == "call":
        assert results["report"].startswith("Emulated Organization has 2500 devices, among them ")
    if name == "taskflow":
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/online/listMapped"
        shown = {one["rendered_map_index"] for one in airflow3.api("GET", path)["task_instances"]}
        assert shown == {"device 1", "device 2", "device 3"}
    if name == "scheduled":
        assert results["summary"]["devices"] > 2500
    if name == "async":
        # The export's assets trigger a DAG that may still run, and asks for a page or two.
        assert 1 + 1000 <= stats["api_requests"] < 1 + 1000 + 20
        assert results["look"]["devices"] == 1000
        assert 0 < results["look"]["connected"] < 1000
    if name == "waiting":
        assert results["report"] == "FINISH, FINISH: 2500 of 2500 devices have it, 0 failed."
        assert stats["shipments_created"] == 1
        # At the end of it, one sees the shipment for the fifth time; all four of them have looked.
        assert 1 + 5 <= stats["api_requests"] <= 1 + 5 + 4
    if name == "job":
        assert [job["status"] for job in orgauth_emulator.jobs()] == ["DONE"]
        assert Path(results["report"]["path"]).stat().st_size == results["report"]["bytes"]
        assert json.loads(Path(results["report"]["path"]).read_bytes())["reference"] == run_id
    if name == "download":
        report = results["report"]
        assert json.loads(Path(report["path"]).read_bytes()) == {
            "jobId": 1,
            "reference": run_id,
            "input": {"report": "readings"},
        }
        assert stats["file_requests_by_status"] == {"200": 1}
        (fetched,) = [request for request in orgauth_emulator.requests() if request["path"] == "/files/1.json"]
        assert fetched["query"] == ["expires", "signature"]
        assert fetched["auth_scheme"] is None
        assert "signature" not in str(airflow3.xcom_rows(dag_id, run_id))
    if name == "export":
        devices, readings = results["export_devices"], results["export_readings"]
        lines = gzip.decompress(Path(devices["path"]).read_bytes()).splitlines()
        assert len(lines) == devices["records"] == devices["total"] > 2500
        assert "token" not in json.loads(lines[0])
        assert Path(readings["path"]).stat().st_size == readings["bytes"]
        assert readings["records"] > 0
        assert "orgauth_watermark_orgauth_example_readings" in airflow3.variables()
