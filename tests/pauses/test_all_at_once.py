"""Pauses at any step, texts that land again, old reads, lost answers: all of it at once, for minutes."""

from __future__ import annotations

import random
import threading
import time

import pytest
from hosts import STRICT, Fleet
from meddling import meddle
from pauses_scale import SHORT, WHOLE
from stop_points import ANY, arm, forget

from airflow_provider_orgauth.emulator import running_emulator

SECONDS = 180.0

pytestmark = pytest.mark.skipif(not WHOLE, reason="takes minutes: `make test-pauses` runs it")


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_fails_and_no_family_ends(tmp_path, seed):
    dice = random.Random(seed)
    with (
        running_emulator(**STRICT, token_lifetime=4) as emulator,
        Fleet(tmp_path, emulator, hosts=3, margin=1, lease=SHORT, stop_at=ANY, lag=0.5, lost=0.03) as fleet,
    ):
        fleet.populate(3)
        fleet.loop(0.1, 0.6)
        until = time.monotonic() + SECONDS
        pauses = threading.Thread(target=_pause, args=(fleet, until, random.Random(seed)))
        pauses.start()
        while time.monotonic() < until:
            time.sleep(dice.uniform(1, 5))
            meddle(fleet.variables, dice)
        pauses.join()
        found = fleet.collect()
    print(f"all at once: {found}")

    assert found.spent == 0, str(found)
    assert found.failed == [], str(found)


def _pause(fleet: Fleet, until: float, dice: random.Random) -> None:
    while time.monotonic() < until:
        arm(fleet.root)
        pid = fleet.stopped(patience=10)
        if pid is not None:
            time.sleep(dice.uniform(0.5, 6))
            fleet.wake(pid)
            forget(fleet.root)
