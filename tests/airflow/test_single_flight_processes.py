"""Real processes on one host and on several, sharing Airflow's Variables: how many of them ask for a token.

24 processes here; `make bench-flights` has 200 and more situations. On 2.11, where a plain process has Variables.
"""

from __future__ import annotations

import json
import os

import pytest
from harness import PROJECT, ProcessSession, poll_until, python211, why_no_airflow211

pytestmark = pytest.mark.airflow

FLIGHTS = PROJECT / "benchmarks" / "flights.py"


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    """Return what came of each situation; see `Outcome` in benchmarks/flights_scenarios.py."""
    if reason := why_no_airflow211():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    folder = tmp_path_factory.mktemp("flights")
    result, log = folder / "result.json", folder / "flights.log"
    command = [str(python211()), str(FLIGHTS), "cold-hosts", "killed-cold-host", "killed-hosts"]
    command += ["--hosts", "3", "--each", "8", "--runs", "1", "--json", str(result)]
    session = ProcessSession("the rig", command, env={**os.environ, "TMPDIR": str(folder)}, log=log)
    try:
        for _ in poll_until("the rig does not end", timeout=300):
            if not session.members():
                break
        assert result.exists(), session.log_tail()
        return json.loads(result.read_text())
    finally:
        session.stop()


def test_three_hosts_on_a_cold_cache_ask_at_most_three_times(flights):
    cold = flights["cold-hosts"]

    assert cold["calls"] == 24
    assert cold["failed"] == 0, cold["remarks"]
    assert 1 <= cold["token_requests"][0] <= 3


@pytest.mark.parametrize(("situation", "survivors"), [("killed-cold-host", 23), ("killed-hosts", 23)])
def test_nobody_fails_when_the_process_that_renews_is_killed(flights, situation, survivors):
    killed = flights[situation]

    assert killed["calls"] == survivors
    assert killed["failed"] == 0, killed["remarks"]
    # The victim's own request, and at least one that did its work.
    assert 2 <= killed["token_requests"][0] <= 4
    # The refresh token that the victim spent was not sent again.
    assert killed["revoked"] == 0
