"""A refresh token to begin with, on a server that ends its family where it comes twice: who stops or dies, and when."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from hosts import Findings
from pauses_scale import AT_ONCE, WHOLE
from seeded_fleet import OF_REFRESH, TIMEOUT, seeded_fleet
from stop_points import arm

LIFETIME, MARGIN = 6, 0.5
HELD_SECONDS = 3 * TIMEOUT + OF_REFRESH.get("SPARE_SECONDS", 20.0)
"""For how long others leave alone what may have been sent."""

ONE_MORE = HELD_SECONDS + (25.0 if WHOLE else 5.0)
"""Seconds for which the one who renews is stopped, so that another one takes over: that takes two rounds of its own."""

KILLED_BEFORE = (
    "after the claim",
    "after the confirmation",
    "before the announcement",
    "announced",
    "before it is sent",
)
KILLED_AFTER = ("in the host's file, not yet shared", "refresh token kept", "saved", "before free", "after free")
STOPPED_BRIEFLY = ("announced", "request under way", "answer in hand", "in the host's file, not yet shared", "saved")
STOPPED_FOR_LONG = (
    "after the claim",
    "after the confirmation",
    "before the announcement",
    "announced",
    "refresh token kept",
    "saved",
)


@dataclass(frozen=True)
class Case:
    """What is done to the one who renews, where, and whether the others have a token then."""

    point: str
    what: Callable[[int], None]
    warm: bool = False

    def __str__(self) -> str:
        return f"{self.what.__name__}, {self.point}, {'warm' if self.warm else 'cold'}"


def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def stopped_briefly(pid: int) -> None:
    time.sleep(1.5)
    os.kill(pid, signal.SIGCONT)


def stopped_for_long(pid: int) -> None:
    time.sleep(ONE_MORE)
    os.kill(pid, signal.SIGCONT)


def outcome_of(case: Case, root: Path) -> Findings:
    """Do it to the one who renews, of two processes on each of two hosts, and let the others call on."""
    with seeded_fleet(root, hosts=2, lifetime=LIFETIME, margin=MARGIN, stop_at=case.point) as fleet:
        fleet.populate(2)
        if case.warm:
            fleet.call()
        if case.point == "request under way":
            fleet.emulator.fault("slow", "/oauth2/token", delay=0.6)
        arm(root)
        fleet.loop(0.1, 0.4)
        pid = fleet.stopped(patience=2 * LIFETIME + 10)
        assert pid is not None, f"{case}: nobody came to the point"
        case.what(pid)
        if case.what is killed:
            fleet.bury(pid)
        time.sleep(HELD_SECONDS + 1.5 * LIFETIME)
        found = fleet.collect()
    assert fleet.refresh_token not in "".join(call.error for call in found.calls)
    print(f"{case!s:60} {found}", flush=True)
    return found


SAVED = [
    *(Case(point, killed) for point in (*KILLED_BEFORE, *KILLED_AFTER)),
    *(Case(point, stopped_briefly, warm=True) for point in STOPPED_BRIEFLY),
    *(Case(point, stopped_for_long) for point in STOPPED_FOR_LONG),
]
LOST = [Case(point, what) for point in ("request under way", "answer in hand") for what in (killed, stopped_for_long)]
QUICK = {
    Case("announced", killed),
    Case("in the host's file, not yet shared", killed),
    Case("refresh token kept", killed),
    Case("answer in hand", stopped_briefly, warm=True),
    Case("announced", stopped_for_long),
    Case("answer in hand", killed),
}


def cases(among: list[Case]) -> list[Case]:
    return [case for case in among if WHOLE or case in QUICK]


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """Return what came of each case that was chosen: several at once, as they sleep most of the time."""
    chosen = [item.callspec.params["case"] for item in request.session.items if item.path == request.path]
    roots = [tmp_path_factory.mktemp("case") for _ in chosen]
    with ThreadPoolExecutor(AT_ONCE or len(chosen)) as pool:
        return dict(zip(chosen, pool.map(outcome_of, chosen, roots), strict=True))


@pytest.mark.parametrize("case", cases(SAVED), ids=str)
def test_no_refresh_token_is_sent_twice_and_none_is_lost(outcomes, case):
    found = outcomes[case]

    assert found.spent == 0, str(found)
    assert found.failed == [], str(found)
    assert found.older_over_newer == 0, str(found)


@pytest.mark.parametrize("case", cases(LOST), ids=str)
def test_what_only_a_dead_process_knew_is_lost_and_the_error_says_what_to_do(outcomes, case):
    found = outcomes[case]

    assert found.spent >= 1, str(found)
    assert "put it into the connection's refresh_token" in found.failed[-1].error
