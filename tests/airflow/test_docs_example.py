"""The DAGs that the documentation shows, and the test of a DAG, do what they should when a user runs them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from harness import PROJECT

pytestmark = pytest.mark.airflow
EXAMPLES = PROJECT / "docs" / "examples"
EXAMPLE_DAGS = PROJECT / "example_dags"
START = PROJECT / "docs" / "start.md"


def test_the_dags_of_the_pages_and_the_test_on_the_emulator_page(make_airflow3):
    home = make_airflow3(dags=[*EXAMPLES.glob("*.py"), EXAMPLE_DAGS / "example_orgauth_provision.py"])
    shutil.copy(EXAMPLES / ".airflowignore", home.dags_folder)
    folder = home.dags_folder
    done = subprocess.run(
        [home.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, "-c", "/dev/null", folder],
        env=home.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_commands_of_the_start_page_lead_to_a_call_a_dag_and_an_export(make_airflow3, orgauth_emulator, tmp_path):
    _install, _from_source, call, _emulator, setup, first, export = re.findall(
        r"^```bash\n(.*?)^```", START.read_text(), re.DOTALL | re.MULTILINE
    )
    home = make_airflow3()
    env = {name: value for name, value in home.env.items() if not name.startswith("AIRFLOW")}
    dags = tmp_path / "airflow" / "dags"
    dags.mkdir(parents=True)
    for name in ("first_dag.py", "first_export_dag.py"):
        shutil.copy(EXAMPLES / name, dags)
    shutil.copy(home.database, tmp_path / "airflow" / "airflow.db")  # migrated; what is left takes a moment
    setup = setup.replace("8089", orgauth_emulator.url.rpartition(":")[2])
    export = export.replace("/tmp/orgauth-exports", str(tmp_path / "exports"))

    done = subprocess.run(
        ["bash", "-ec", "\n".join((call, setup, first, export))],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )

    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-5000:]
    assert "'name': 'Emulated Organization'" in said
    assert said.count("state=success") >= 2
    assert len(list((tmp_path / "exports").glob("devices-*.jsonl.gz"))) == 1
