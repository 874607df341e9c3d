"""What the documentation shows a user as the test of a DAG passes when a user runs it."""

from __future__ import annotations

import subprocess

import pytest
from harness import PROJECT

pytestmark = pytest.mark.airflow
EXAMPLES = PROJECT / "docs" / "examples"


def test_the_test_of_a_dag_on_the_emulator_page(make_airflow3):
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
            EXAMPLES,
        ],
        env={**home.env, "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
