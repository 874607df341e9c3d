"""A text that was once written to a shared Variable may land there again, whenever: nobody is harmed by it."""

from __future__ import annotations

import random
import threading
import time

import pytest
from hosts import STRICT, Fleet
from meddling import meddle
from pauses_scale import SHORT, WHOLE

from airflow_provider_orgauth.emulator import running_emulator

SECONDS = 120 if WHOLE else 8


def test_an_old_word_on_the_lease_sends_no_spent_refresh_token(tmp_path):
    """A's word that T1 is the current token lands again, after B met a 401 and refreshed T1; C still has T1."""
    lifetime, margin = 5, 1
    with (
        running_emulator(**STRICT, token_lifetime=lifetime) as emulator,
        Fleet(tmp_path, emulator, hosts=3, margin=margin, lease=SHORT) as fleet,
    ):
        fleet.populate(1)
        a, b, c = fleet.people
        a.call()
        issued = time.monotonic()
        b.call()
        c.call()
        word = [written for written in fleet.variables.history() if "lease" in written.key][-1]
        emulator.revoke(emulator.issued()[0][0])
        b.call()
        assert len(emulator.issued()) == 2
        fleet.variables.land_again(word)
        # C's moment is in the last tenth before the margin; it comes often enough not to miss it.
        time.sleep(max(0.0, issued + lifetime - margin - 0.1 * lifetime - time.monotonic()))
        while time.monotonic() < issued + lifetime - margin + 0.2:
            c.ask()
            time.sleep(0.02)
        fleet.call()
        found = fleet.collect()

    assert found.spent == 0, str(found)
    assert found.failed == [], str(found)


@pytest.mark.parametrize("revoked", [True, False] if WHOLE else [True], ids=lambda revoked: "with 401s" * revoked)
def test_all_texts_land_again_at_random(tmp_path, revoked):
    """Each text that was ever there, in any order; both Variables as they once were; and at times one is deleted."""
    dice = random.Random(20260)
    with (
        running_emulator(**STRICT, token_lifetime=3) as emulator,
        Fleet(tmp_path, emulator, hosts=3, margin=0.5, lease=SHORT) as fleet,
    ):
        fleet.populate(2)
        fleet.loop(0.1, 0.4)
        until = time.monotonic() + SECONDS
        tasks = threading.Thread(target=_tasks, args=(fleet, until))
        tasks.start()
        revoke_at = time.monotonic() + 1
        while time.monotonic() < until:
            time.sleep(dice.uniform(0.2, 1.2))
            meddle(fleet.variables, dice)
            if revoked and time.monotonic() > revoke_at and (issued := emulator.issued()):
                emulator.revoke(issued[-1][0])
                revoke_at = time.monotonic() + dice.uniform(1, 2)
        tasks.join()
        found = fleet.collect()
    print(f"texts that land again{', 401s' if revoked else ''}: {found}")

    assert found.spent == 0, str(found)
    assert found.failed == [], str(found)
    assert found.dead == 0, str(found)


def _tasks(fleet: Fleet, until: float) -> None:
    """Let tasks that know nothing come, too."""
    host = 0
    while time.monotonic() < until:
        fleet.task(host)
        host = (host + 1) % len(fleet.hosts)
        time.sleep(0.3)
