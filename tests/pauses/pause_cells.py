"""One cell of the matrix of pauses: a process of three hosts is stopped at one step of a renewal, and goes on later."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hosts import STRICT, Findings, Fleet
from pauses_scale import LEASE
from stop_points import arm

from airflow_provider_orgauth.emulator import running_emulator


@dataclass(frozen=True)
class Cell:
    """Where the renewer is stopped and for how many seconds.

    :param warm: the processes have a token, and one renews it ahead of time; else nobody has one.
    :param whole_host: all other processes of its host are stopped with it.
    :param frozen: its monotonic clock stands still meanwhile.
    """

    point: str
    pause: float
    warm: bool
    whole_host: bool = False
    frozen: bool = False

    def __str__(self) -> str:
        who = ", whole host" * self.whole_host + ", frozen clock" * self.frozen
        return f"{'warm' if self.warm else 'cold'}, {self.point}, {self.pause:g} s{who}"


@dataclass(frozen=True)
class Scale:
    """How long things take.

    :param lifetime: seconds of a token.
    :param margin: seconds before its end in which it is not used.
    :param each: processes on each of three hosts.
    :param rhythm: seconds between two calls of a process, from and to.
    """

    lifetime: int
    margin: float
    each: int
    rhythm: tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """What came of a cell.

    :param stopped: False where no process came to the point.
    """

    stopped: bool
    findings: Findings

    def __str__(self) -> str:
        return f"{'' if self.stopped else '(nobody stopped) '}{self.findings}"


def run_cell(cell: Cell, scale: Scale, root: Path) -> Outcome:
    """Run one cell. ``root`` is an empty folder."""
    how = {"stop_at": cell.point, "frozen": cell.frozen}
    with (
        running_emulator(**STRICT, token_lifetime=scale.lifetime) as emulator,
        Fleet(root, emulator, hosts=3, margin=scale.margin, lease=LEASE, **how) as fleet,
    ):
        fleet.populate(scale.each)
        if cell.warm:
            fleet.call()
        if cell.point == "request under way":
            emulator.fault("slow", "/oauth2/token", delay=0.6)
        arm(root)
        fleet.loop(*scale.rhythm)
        pid = fleet.stopped(patience=2 * scale.lifetime + 10)
        if pid is not None:
            if cell.whole_host:
                fleet.stop_host_of(pid)
            time.sleep(cell.pause)
            fleet.wake(pid)
        # Until the tokens of then have run out, whoever is given an old one, and until the next renewal is over.
        time.sleep(1.2 * scale.lifetime)
        return Outcome(pid is not None, fleet.collect())


def run_cells(cells: Iterable[Cell], scale: Scale, root: Path, *, at_once: int) -> dict[Cell, Outcome]:
    """Run cells, several at once: most of the time their processes sleep."""

    def run(numbered: tuple[int, Cell]) -> tuple[Cell, Outcome]:
        folder = root / str(numbered[0])
        folder.mkdir()
        outcome = run_cell(numbered[1], scale, folder)
        print(f"{numbered[1]!s:50} {outcome}", flush=True)
        return numbered[1], outcome

    with ThreadPoolExecutor(at_once) as pool:
        try:
            return dict(pool.map(run, enumerate(cells)))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # or an interrupt would wait for all cells
