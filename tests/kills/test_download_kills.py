"""A download to a folder, killed at random moments: the name has the older file or the whole new one, never half."""

import random

import pytest
from export_runs import Runs
from slow_file_server import slow_file_server

KILLS = 10


@pytest.fixture(scope="module")
def server():
    with slow_file_server(20_000_000, seconds=0.8) as running:
        yield running


@pytest.mark.parametrize("older", [None, b"yesterday's"], ids=["no file yet", "a file already"])
def test_the_name_never_has_half(server, tmp_path, older):
    body, environment = server
    file = tmp_path / "out" / "report.bin"
    dice = random.Random(str(older))
    runs = Runs(environment, tmp_path / "state", endpoint="/report", pagination=None, output_path=str(file))
    undisturbed = runs.complete()
    kills = 0
    while kills < KILLS:
        if older is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(older)
        was_killed = runs.killed(dice.uniform(0, undisturbed["duration"] * 1.1))
        found = file.read_bytes() if file.exists() else None
        assert found in (older, body)
        kills += was_killed and found == older

    manifest = runs.complete()
    assert file.read_bytes() == body
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name]
    assert not (tmp_path / "state").exists()
    assert manifest["sha256"] == undisturbed["sha256"]
