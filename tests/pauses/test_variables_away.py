"""Variables out of reach, on a server that keeps one living token per client: each new one ends the others'."""

from __future__ import annotations

import time

import pytest
from hosts import STRICT, Fleet
from pauses_scale import WHOLE

from airflow_provider_orgauth.emulator import running_emulator

HOSTS, EACH = 4, 3
LIFETIME, AWAY, BEFORE = (10, 10, 5) if WHOLE else (5, 5, 2)
PER_HOST = 3
"""Token requests that an outage may cost each host."""

WAYS = {"away": {}, "read-only": {"writes_only": True}, "slow to fail": {"after": 1.0}}
"""How the Variables are out of reach."""


@pytest.mark.parametrize("way", WAYS if WHOLE else ["away"])
def test_no_call_fails_and_a_host_asks_a_few_times(tmp_path, way):
    with (
        running_emulator(**STRICT, token_lifetime=LIFETIME, one_living_token=True) as emulator,
        Fleet(tmp_path, emulator, hosts=HOSTS, margin=1) as fleet,
    ):
        fleet.populate(EACH)
        fleet.loop(0.1, 0.5)
        time.sleep(BEFORE)
        before = emulator.stats()["token_requests"]
        with fleet.variables.out_of_reach(**WAYS[way]):
            time.sleep(AWAY)
        during = emulator.stats()["token_requests"] - before
        time.sleep(BEFORE)
        found = fleet.collect()
    print(f"{way} for {AWAY} s: {during} token requests meanwhile; {found}")

    assert found.failed == [], str(found)
    assert during <= PER_HOST * HOSTS, str(found)
