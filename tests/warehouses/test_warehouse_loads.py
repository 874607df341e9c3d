"""The how-to guide's loads, into stand-ins for Snowflake and BigQuery: fakesnow, fake-gcs-server and local-bigquery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path[:0] = [str(PROJECT / "scripts"), str(HERE)]

from airflow_home import AirflowHome  # noqa: E402  they are on the path only now
from google_services import BigQuery, Storage, why_not_here  # noqa: E402

DAGS = PROJECT / "docs" / "examples" / "warehouses"


@pytest.fixture(scope="module", autouse=True)
def the_environment() -> None:
    if reason := why_not_here():
        (pytest.fail if os.environ.get("ORGAUTH_WAREHOUSES_REQUIRED") else pytest.skip)(reason)


def run_the_tests_of(name: str, folder: Path, **env: str) -> None:
    """Run the test of a DAG, with an Airflow home that has that DAG alone."""
    folder.mkdir()
    home = AirflowHome(folder, python=Path(sys.executable), dags=[DAGS / f"{name}_dag.py"], log_level="INFO")
    home.migrate()
    test = DAGS / f"test_{name}.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
    done = subprocess.run(
        [*command, "--rootdir", str(DAGS), str(test)],
        env={**home.env, "PYTHONPATH": str(home.dags_folder), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "1 passed" in done.stdout


def test_the_nightly_load_into_snowflake(tmp_path):
    run_the_tests_of("snowflake", tmp_path / "airflow")


def test_the_nightly_load_into_bigquery(tmp_path):
    for name in ("storage", "bigquery"):
        (tmp_path / name).mkdir()
    with Storage(tmp_path / "storage") as storage, BigQuery(tmp_path / "bigquery", storage) as bigquery:
        google = {"is_anonymous": True, "project": "my-project", "gcs.endpoint": storage.url}
        connection = {"conn_type": "google_cloud_platform", "extra": google}
        run_the_tests_of(
            "bigquery",
            tmp_path / "airflow",
            AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT=json.dumps(connection),
            BIGQUERY_EMULATOR_HOST=bigquery.url,
            STORAGE_EMULATOR_HOST=storage.url,
            # Else gcsfs asks by gRPC what kind of bucket it is, and a stand-in lets it wait for a minute.
            GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT="false",
        )
        # Under their final names alone, one of each run.
        assert len([name for name in storage.objects() if name.endswith(".jsonl.gz")]) == len(storage.objects()) == 2
