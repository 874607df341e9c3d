"""Many real processes that all need a token at one moment, and then for several lifetimes; how many ask for one."""

from __future__ import annotations

import os
import signal
import time

import pytest
from pauses_scale import WHOLE
from seeded_fleet import seeded_fleet
from signed_fleet import signed_fleet
from stop_points import arm

HOSTS, EACH = (8, 25) if WHOLE else (3, 4)
LIFETIMES = 4


@pytest.mark.parametrize(("hosts", "each"), [(1, HOSTS * EACH), (HOSTS, EACH)], ids=["one host", "several hosts"])
def test_a_cold_crowd_sends_a_refresh_token_once(tmp_path, hosts, each):
    # Not to be short of processors is no part of this: a token request may take its time.
    with seeded_fleet(tmp_path, hosts=hosts, lifetime=600, margin=1, timeout=30, lease={}) as fleet:
        fleet.populate(each)
        fleet.call()
        found = fleet.collect()
    print(f"\n{hosts} x {each}, cold: {found}")

    assert found.failed == [], str(found)
    assert (found.token_requests, found.refreshes, found.spent) == (1, 1, 0), str(found)


def test_a_crowd_in_use_sends_each_refresh_token_once(tmp_path):
    lifetime = 60 if WHOLE else 15
    with seeded_fleet(tmp_path, hosts=HOSTS, lifetime=lifetime, margin=2, timeout=30, lease={}) as fleet:
        fleet.populate(EACH)
        fleet.loop(1.0, 3.0)
        time.sleep(LIFETIMES * lifetime)
        found = fleet.collect()
    print(f"\n{HOSTS} x {EACH}, {LIFETIMES} lifetimes of {lifetime} s: {found}")

    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert LIFETIMES <= found.token_requests <= LIFETIMES + 2, str(found)


@pytest.mark.parametrize(("hosts", "each"), [(1, HOSTS * EACH), (HOSTS, EACH)], ids=["one host", "several hosts"])
def test_a_cold_crowd_signs_one_assertion(tmp_path, hosts, each):
    with signed_fleet(tmp_path, hosts=hosts) as (fleet, front):
        fleet.populate(each)
        fleet.call()
        found = fleet.collect()
    print(f"\n{hosts} x {each}, signing: {found}")

    assert found.failed == [], str(found)
    assert (found.token_requests, len(front.assertions)) == (1, 1), str(found)


@pytest.mark.skipif(not WHOLE, reason="takes minutes: `make test-pauses` runs it")
def test_a_cold_crowd_loses_nothing_where_the_one_who_renews_is_killed(tmp_path):
    point = "in the host's file, not yet shared"
    with seeded_fleet(tmp_path, hosts=HOSTS, lifetime=600, margin=1, stop_at=point) as fleet:
        fleet.populate(EACH)
        arm(tmp_path)
        fleet.loop(1.0, 3.0)
        pid = fleet.stopped(patience=120)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        fleet.bury(pid)
        time.sleep(60)
        found = fleet.collect()
    print(f"\n{HOSTS} x {EACH}, killed {point}: {found}")

    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert 2 <= found.token_requests <= 4, str(found)  # the dead one's, the next, and whoever thought that one late
