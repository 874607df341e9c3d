"""The DAGs that the documentation shows, and the test of a DAG, do what they should when a user runs them."""

from __future__ import annotations

import subprocess

import pytest
from harness import PROJECT

pytestmark = pytest.mark.airflow
EXAMPLES = PROJECT / "docs" / "examples"


def test_the_dags_of_the_pages_and_the_test_on_the_emulator_page(make_airflow3):
    home = make_airflow3()
    done = subprocess.run(
        [
            home.python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            EXAMPLES,
            "-c",
            "/dev/null",
            # Those need databases: tests/exports/test_loads.py has them.
            "--ignore",
            EXAMPLES / "loads",
            EXAMPLES,
        ],
        env={**home.env, "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
