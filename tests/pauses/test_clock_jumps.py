"""Hosts whose clocks are minutes off, or jump: no call fails, and each jump costs one token request at most."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hosts import STRICT, Findings, Fleet
from pauses_scale import LEASE, WHOLE
from shifted_clock import ShiftedClock

from airflow_provider_orgauth.emulator import running_emulator

LIFETIME, SECONDS = (20, 60) if WHOLE else (4, 12)
BETWEEN_TASKS = 2.0
"""Seconds between two on a host: each is a process, and some fleets live at once."""
MINUTES = 300.0


def _clocks(now: float) -> dict[str, tuple[ShiftedClock, ...]]:
    """Return each fleet's clocks, one for each host."""
    first, second = now + SECONDS / 3, now + 2 * SECONDS / 3
    right = ShiftedClock()
    return {
        "right": (right, right, right, right),
        "off": (right, ShiftedClock(((0, MINUTES),)), ShiftedClock(((0, -MINUTES),)), right),
        "jump": (
            right,
            ShiftedClock(((0, 0), (first, MINUTES), (second, 0))),
            ShiftedClock(((0, 0), (first, -MINUTES), (second, 0))),
            right,
        ),
    }


CHANGES = {"right": 0, "off": 2, "jump": 4}
"""Hosts that are off, or how often one jumps: each may cost a token request."""


TRUTH = {"told half": 0.5, "told twice": 2.0}
"""What a server says of its tokens' lives, as a part of the truth."""


@pytest.fixture(scope="module")
def fleets(tmp_path_factory):
    """Return what came of each fleet, by its name and by who calls: warm processes, or a new one for each call."""
    root = tmp_path_factory.mktemp("clocks")
    clocks = _clocks(time.monotonic() + 2)
    cells = {(name, kind): (clocks[name], {}) for name in clocks for kind in ("warm", "tasks")}
    for name, part in TRUTH.items():
        answer = {**STRICT["token_answer"], "expires_in": int(LIFETIME * part)}
        cells[name, "warm"] = (clocks["right"], {"token_answer": answer})

    def run(cell: tuple[str, str]) -> Findings:
        of_hosts, server = cells[cell]
        return _live(root / " ".join(cell), of_hosts, tasks=cell[1] == "tasks", **server)

    with ThreadPoolExecutor(len(cells)) as pool:
        outcomes = dict(zip(cells, pool.map(run, cells), strict=True))
    for (name, kind), findings in outcomes.items():
        print(f"clocks {name}, {kind}: {findings}")
    return outcomes


def _live(root: Path, clocks: tuple[ShiftedClock, ...], *, tasks: bool, **server: object) -> Findings:
    root.mkdir()
    with (
        running_emulator(**{**STRICT, **server}, token_lifetime=LIFETIME) as emulator,
        Fleet(root, emulator, hosts=len(clocks), margin=1, lease=LEASE) as fleet,
    ):
        until = time.monotonic() + SECONDS
        if tasks:
            runs = [threading.Thread(target=_tasks, args=(fleet, host, clocks[host], until)) for host in range(4)]
            for run in runs:
                run.start()
            for run in runs:
                run.join()
        else:
            started = [fleet.start(host, clock=clock) for host, clock in enumerate(clocks) for _ in range(2)]
            for person in started:
                assert person.answer() == "ready"
            fleet.loop(0.2, 0.8)
            time.sleep(max(0.0, until - time.monotonic()))
        return fleet.collect()


def _tasks(fleet: Fleet, host: int, clock: ShiftedClock, until: float) -> None:
    while time.monotonic() < until:
        fleet.task(host, clock=clock)
        time.sleep(BETWEEN_TASKS)


@pytest.mark.parametrize("kind", ["warm", "tasks"])
@pytest.mark.parametrize("name", ["off", "jump"])
def test_wrong_clocks_cost_each_host_one_token_request(fleets, name, kind):
    found = fleets[name, kind]

    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert found.dead_again == 0, str(found)
    assert found.token_requests <= fleets["right", kind].token_requests + CHANGES[name], str(found)


@pytest.mark.parametrize("name", TRUTH)
def test_a_server_that_is_wrong_about_its_tokens_lives(fleets, name):
    """Where it says half, half of each life goes to waste; where it says twice, a 401 tells the truth."""
    found = fleets[name, "warm"]
    told = LIFETIME * TRUTH[name]
    usable = min(LIFETIME, 0.9 * told - min(1, told / 2))

    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert found.dead_again == 0, str(found)
    assert found.token_requests <= SECONDS / usable + 2, str(found)
