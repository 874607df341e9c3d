"""A real process with a real supervisor (Airflow 3): what the task's log shows of tokens of which it was not told."""

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("airflow.sdk.execution_time.callback_supervisor", reason="no supervisor before Airflow 3.3")


def test_no_token_in_the_log_and_few_in_the_supervisors_masker(tmp_path):
    # What looks like a JWT in the middle of a token is masked by Airflow first, and what is left is no token any more.
    tokens = [secrets.token_urlsafe(900).replace("eyJ", "eyj") for _ in range(40)]
    command = [sys.executable, str(Path(__file__).with_name("supervised_outputs.py")), str(tmp_path / "log")]
    done = subprocess.run(command, input=json.dumps(tokens), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    (patterns,) = [line for line in done.stdout.splitlines() if line.startswith("PATTERNS ")]
    log = (tmp_path / "log").read_text()

    assert [token for token in tokens if token[:30] in log or token[-30:] in log] == []
    for said in (
        "logging:",
        "handler of its own:",
        "structlog",
        "cached",
        "print:",
        "first stdout:",
        "first stderr:",
        "two halves:",
        "as bytes:",
        "JSON:",
    ):
        assert log.count(said) >= 50, said
    assert log.count("in an exception") >= 100
    assert "said without a newline ***" in log
    assert int(patterns.split()[1]) <= 16
