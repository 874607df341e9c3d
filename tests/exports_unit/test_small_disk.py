"""A disk that is full, or read-only: one error that names the file, nothing half, and the next attempt succeeds."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("on_small_disk.py")
NAMESPACE = ["unshare", "-rm"]


def _is_allowed() -> bool:
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def own_mounts() -> None:
    if shutil.which("unshare") is None or not _is_allowed():
        pytest.skip("no mount namespace of one's own here (unshare -rm)")


@pytest.mark.usefixtures("own_mounts")
@pytest.mark.parametrize(
    ("happens", "name", "keeps_state", "number"),
    [
        ("full", "a.jsonl", "state", errno.ENOSPC),
        ("full", "a.jsonl.gz", "no state", errno.ENOSPC),
        ("read-only", "a.jsonl", "state", errno.EROFS),
    ],
)
def test_one_error_nothing_half_and_the_next_attempt_succeeds(tmp_path, happens, name, keeps_state, number):
    command = [*NAMESPACE, sys.executable, str(SCRIPT), str(tmp_path), happens, keeps_state, name]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])

    _, code, text = found["error"]
    assert code == number
    assert str(tmp_path) in text
    assert found["between"] == "before"
    hidden = [one for one in found["hidden"] if one.endswith(".part")]
    assert len(hidden) == (1 if (happens, keeps_state) == ("full", "state") else 0)
    assert found["records"] == 90 * 100
    assert found["is whole"]
    assert found["lines"] in (None, 90 * 100)
    assert found["left"] == []
    assert (found["read again"] < 90) == (len(hidden) == 1)
