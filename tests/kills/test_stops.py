"""An export to a folder that is stopped at random moments while the next attempt runs: always one whole file."""

import pytest
from export_runs import Runs
from stopped_attempts import stop_at_random_moments


@pytest.fixture
def orgauth_emulator_settings():
    return {"devices": 1_500, "latency": 0.02}


@pytest.mark.parametrize("suffix", [".jsonl"])
def test_one_whole_file_stands(orgauth_emulator, tmp_path, suffix):
    environment = {"AIRFLOW_CONN_ORGAUTH_DEFAULT": orgauth_emulator.connection_json(cache="memory")}
    folder = tmp_path / "out"

    def task_of(name):
        return Runs(environment, tmp_path / f"{name}.state", output_path=str(folder / name))

    def content_of(name):
        return (folder / name).read_bytes() if (folder / name).exists() else None

    outcomes = stop_at_random_moments(task_of, content_of, suffix, seed=suffix)
    # Each has a file of its own.
    assert all(outcome.first and outcome.second for outcome in outcomes)
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
