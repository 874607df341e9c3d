"""Somebody presses Renew, again and again, while a fleet is at work: no call fails, no refresh token is sent twice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hosts import STRICT, Fleet
from pauses_scale import WHOLE
from seeded_fleet import SeededFleet

from airflow_provider_orgauth.emulator import running_emulator

HOSTS, EACH = (8, 25) if WHOLE else (2, 3)
PRESSES = 10 if WHOLE else 3
LIFETIME = 20
"""Seconds: some tokens are renewed by tasks, most by whoever presses."""

BUSY = "Another process is renewing this token. Look again in a few seconds."


@contextmanager
def fleet_at_work(root: Path, *, seeded: bool, old_one_dies: bool) -> Iterator[Fleet]:
    """Run a strict server, and processes that call it all the time.

    :param seeded: the server knows no other grant than a refresh.
    :param old_one_dies: a refresh ends the access token that all of them hold.
    """
    with running_emulator(**STRICT, token_lifetime=LIFETIME, refresh_kills_access=old_one_dies) as emulator:
        # Not to be short of processors is no part of this.
        make = SeededFleet(root, emulator, hosts=HOSTS + 1, margin=2, timeout=30, lease={}) if seeded else None
        with make or Fleet(root, emulator, hosts=HOSTS + 1, margin=2) as fleet:
            started = [fleet.start(host) for _ in range(EACH) for host in range(HOSTS)]
            assert {one.answer() for one in started} == {"ready"}
            fleet.loop(1.0, 3.0)
            yield fleet


@pytest.mark.parametrize(
    ("seeded", "old_one_dies"),
    [(False, True), (False, False), (True, True), (True, False)] if WHOLE else [(False, True)],
    ids=lambda so: "yes" if so else "no",
)
def test_renew_harms_no_fleet(tmp_path, seeded, old_one_dies):
    with fleet_at_work(tmp_path, seeded=seeded, old_one_dies=old_one_dies) as fleet:
        # One API server shares a host with tasks, and so their refresh token; the other has a host of its own.
        servers = [fleet.start(0), fleet.start(HOSTS)]
        assert {one.answer() for one in servers} == {"ready"}
        said = []
        began = time.monotonic()
        for _ in range(PRESSES):
            time.sleep(random.uniform(0.5, 3))
            for one in servers:
                one.tell("renew")
            said += [one.answer() for one in servers]
        seconds = time.monotonic() - began
        found = fleet.collect()
        refresh_tokens = fleet.emulator._core.tokens._refresh
        revoked = fleet.emulator._run(lambda: {one.family for one in refresh_tokens.values() if one.revoked})
    done = sum(one["done"] for one in said)
    print(
        f"\n{HOSTS} x {EACH}, Renew pressed {len(said)} times in {seconds:.0f} s, {done} done, "
        f"{len(revoked)} families revoked: {found}"
    )

    assert found.failed == [], str(found)
    assert (found.spent, revoked) == (0, set()), str(found)
    assert done >= PRESSES, said
    assert {one["says"] for one in said if not one["done"]} <= {BUSY}
    assert PRESSES <= found.token_requests <= len(said) + seconds / (LIFETIME / 2) + 2, str(found)
