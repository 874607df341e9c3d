"""Lets peers take turns at one scenario, and keeps what was measured: two sections may look at the same runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from figures import Spread
from waits_peers import IDLE, OURS
from waits_run import WaitServer
from waits_scenario import Measured, Scenario

Runs = Mapping[str, list[Measured]]
"""By peer; one for each turn."""


@dataclass
class Turns:
    """Runs scenarios in turns.

    Args:
        server: where the things to wait for are.
        rounds: how many turns each peer gets.
        with_ours: whether ours takes part.
        most_waits: no scenario has more; 0: as many as it says.
    """

    server: WaitServer
    rounds: int
    with_ours: bool = True
    most_waits: int = 0
    _known: dict[Scenario, list[Measured]] = field(default_factory=dict)

    def of(self, scenario: Scenario, peers: Iterable[str], rounds: int | None = None) -> Runs:
        """Return every peer's runs of a scenario, whoever is its peer; those that are missing are made."""
        if self.most_waits:
            scenario = replace(scenario, waits=min(scenario.waits, self.most_waits))
        chosen = [replace(scenario, peer=peer) for peer in peers if self.with_ours or peer != OURS]
        rounds = rounds or self.rounds
        for turn in range(rounds):
            for one in chosen:
                done = self._known.setdefault(one, [])
                if len(done) <= turn:
                    done.append(self.server.run(one))
        return {one.peer: self._known[one][:rounds] for one in chosen}


def milliseconds_per_poll(runs: Runs, peer: str) -> Spread:
    """Return the processor time of one poll, turn by turn, without what an idle loop takes meanwhile."""
    return Spread.of([_poll_cost(one, idle) for one, idle in zip(runs[peer], runs[IDLE], strict=True)])


def ratio(runs: Runs, peer: str, other: str, value: Callable[[Runs, str], Spread]) -> Spread:
    """Divide turn by turn: who else used the machine then, slowed both."""
    pairs = zip(value(runs, peer).values, value(runs, other).values, strict=True)
    return Spread.of([one / two if two else float("inf") for one, two in pairs])


def spread(some: Iterable[Measured], value: Callable[[Measured], float]) -> Spread:
    """Return one value of each run."""
    return Spread.of([value(one) for one in some])


def _poll_cost(run: Measured, idle: Measured) -> float:
    own = run.cpu_seconds - idle.cpu_seconds * run.window_seconds / idle.window_seconds
    return 1000 * own / run.polls if run.polls else float("inf")
