"""Hosts whose clocks are minutes off, or jump: no call fails, and each jump costs one token request at most."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from hosts import STRICT, Findings, Fleet
from pauses_scale import LEASE, WHOLE
from shifted_clock import ShiftedClock

from airflow_provider_orgauth.emulator import running_emulator

HOSTS = 4
LIFETIME, SECONDS, EACH = (20, 60, 2) if WHOLE else (4, 10, 1)
BETWEEN_TASKS = 2.0
"""Seconds between two on a host: each is a process, and some fleets live at once."""

MINUTES = 300.0


@dataclass(frozen=True)
class Cell:
    """A fleet of four hosts.

    :param clocks: ``right``; ``off``: two are minutes ahead and behind; ``jump``: two go there and back meanwhile.
    :param tasks: each call is made by a new process; else the processes are warm.
    :param told: what the server says of a token's life, as a part of the truth.
    """

    clocks: str
    tasks: bool = False
    told: float = 1

    def __str__(self) -> str:
        told = f", told {self.told:g} of the truth" if self.told != 1 else ""
        return f"{self.clocks}, {'tasks' if self.tasks else 'warm'}{told}"


KINDS = (False, True) if WHOLE else (False,)
RIGHT = tuple(Cell("right", tasks) for tasks in KINDS)
WRONG = tuple(Cell(clocks, tasks) for clocks in ("off", "jump") for tasks in KINDS)
CHANGES = {"off": 2, "jump": 4}
"""Hosts that are off, or how often one jumps: each may cost a token request."""

UNTRUE = (Cell("right", told=0.5), Cell("right", told=2))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Return what came of each cell; all live at once."""
    root = tmp_path_factory.mktemp("clocks")
    cells = RIGHT + WRONG + UNTRUE
    with ThreadPoolExecutor(len(cells)) as pool:
        outcomes = dict(zip(cells, pool.map(lambda cell: _live(cell, root / str(cell)), cells), strict=True))
    for cell, findings in outcomes.items():
        print(f"{cell!s:35} {findings}")
    return outcomes


def _live(cell: Cell, root: Path) -> Findings:
    root.mkdir()
    answer = {**STRICT["token_answer"], "expires_in": int(LIFETIME * cell.told)}
    with (
        running_emulator(**{**STRICT, "token_answer": answer}, token_lifetime=LIFETIME) as emulator,
        Fleet(root, emulator, hosts=HOSTS, margin=1, lease=LEASE) as fleet,
    ):
        if not cell.tasks:
            fleet.populate(EACH)
        began = time.monotonic()
        clocks = _clocks(cell.clocks, began)
        if cell.tasks:
            runs = [
                threading.Thread(target=_tasks, args=(fleet, host, clock, began + SECONDS))
                for host, clock in enumerate(clocks)
            ]
            for run in runs:
                run.start()
            for run in runs:
                run.join()
        else:
            for number, person in enumerate(fleet.people):
                person.tell("clock", clocks[number % HOSTS])
            fleet.loop(0.2, 0.8)
            time.sleep(SECONDS)
        return fleet.collect()


def _clocks(which: str, began: float) -> tuple[ShiftedClock, ...]:
    """Return the clock of each host."""
    first, second = began + SECONDS / 3, began + 2 * SECONDS / 3
    right = ShiftedClock()
    match which:
        case "off":
            return right, ShiftedClock(((0, MINUTES),)), ShiftedClock(((0, -MINUTES),)), right
        case "jump":
            ahead = ShiftedClock(((first, MINUTES), (second, 0)))
            return right, ahead, ShiftedClock(((first, -MINUTES), (second, 0))), right
    return (right,) * HOSTS


def _tasks(fleet: Fleet, host: int, clock: ShiftedClock, until: float) -> None:
    while time.monotonic() < until:
        fleet.task(host, clock=clock)
        time.sleep(BETWEEN_TASKS)


@pytest.mark.parametrize("cell", WRONG, ids=str)
def test_wrong_clocks_cost_each_host_one_token_request(outcomes, cell):
    found, same_with_right_ones = outcomes[cell], outcomes[Cell("right", tasks=cell.tasks)]

    assert len(found.calls) >= HOSTS
    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert found.dead_again == 0, str(found)
    assert found.token_requests <= same_with_right_ones.token_requests + CHANGES[cell.clocks], str(found)


@pytest.mark.parametrize("cell", UNTRUE, ids=str)
def test_a_server_that_is_wrong_about_its_tokens_lives(outcomes, cell):
    """Where it says half, half of each life goes to waste; where it says twice, a 401 tells the truth."""
    found = outcomes[cell]
    told = LIFETIME * cell.told
    usable = min(LIFETIME, 0.9 * told - min(1, told / 2))

    assert len(found.calls) >= HOSTS
    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert found.dead_again == 0, str(found)
    assert found.token_requests <= SECONDS / usable + 2, str(found)
