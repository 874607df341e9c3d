"""The sections about many waits at once: what one costs, and what they do to the loop that all triggers share."""

from __future__ import annotations

from collections.abc import Iterator

from exports_bounds import Bound
from figures import Figures
from waits_peers import BARE, HTTP, IDLE, OURS, SLEEP
from waits_scenario import Measured, Scenario
from waits_turns import Runs, Turns, milliseconds_per_poll, ratio, spread

MANY = Scenario("", waits=10_000, interval_seconds=30, first_seconds=50, window_seconds=30)
FEWER = Scenario("", waits=1_000, interval_seconds=10, first_seconds=15, window_seconds=20)
IN_TURNS = Scenario("", waits=10_000, interval_seconds=30, first_seconds=50, window_seconds=30, per_turn=50)
LOOKERS = (HTTP, BARE, OURS, IDLE)
LOOP_PEERS = (HTTP, BARE, OURS, SLEEP, IDLE)

MOST_KILOBYTES, MOST_OF_HTTP, MOST_OF_BARE = 8.0, 0.6, 2.0
MOST_FIRST_SECONDS, MOST_CONNECTIONS = 35.0, 32
MOST_BUSY_MILLISECONDS = MOST_GAP_ABOVE_IDLE = 50.0


def cost(turns: Turns) -> Iterator[tuple[Figures, list[Bound]]]:
    """Say what a wait costs, in memory, processor time and requests."""
    for scenario in (MANY, FEWER):
        runs = turns.of(scenario, LOOKERS)
        yield _cost_table(scenario, turns, runs), list(_cost_bounds(scenario, turns, runs)) if OURS in runs else []


def _cost_table(scenario: Scenario, turns: Turns, runs: Runs) -> Figures:
    rows = [
        (
            peer,
            spread(some, lambda one: _kilobytes(one, turns, scenario)),
            milliseconds_per_poll(runs, peer) if peer != IDLE else "",
            _first(some),
            max(run.token_requests for run in some),
            max(run.lookups for run in some),
            max(run.open_at_once for run in some),
            max(run.distinct for run in some),
            spread(some, lambda one: one.polls / one.window_seconds),
            max(run.ended for run in some),
        )
        for peer, some in runs.items()
    ]
    return Figures(
        f"{_waits(turns, scenario)} waits that look every {scenario.interval_seconds:g} s, each at a resource of its"
        f" own, created in one turn of the loop; {turns.rounds} rounds, each in a new process",
        (
            "peer",
            "KB for each wait",
            "CPU ms for each poll, idle's taken off",
            "s until all were looked at once",
            "token requests",
            "connection look-ups",
            "TCP connections at once",
            "resources seen",
            "polls per second",
            "waits that ended",
        ),
        rows,
        [
            "KB: what resident memory grew by until every wait was looked at once, garbage collected before and after.",
            "Each has made one wait to its end before, with another token: late imports are not measured.",
            *(f"{peer}: {reason}" for peer, some in runs.items() for run in some[:1] for reason in run.reasons),
        ],
    )


def _cost_bounds(scenario: Scenario, turns: Turns, runs: Runs) -> Iterator[Bound]:
    where, ours = f"{_waits(turns, scenario)} waits", runs[OURS]
    kilobytes = spread(ours, lambda one: _kilobytes(one, turns, scenario))
    yield Bound(f"{where}: KB for each wait, ours", kilobytes.median, MOST_KILOBYTES)
    for other, limit in ((HTTP, MOST_OF_HTTP), (BARE, MOST_OF_BARE)):
        found = ratio(runs, OURS, other, milliseconds_per_poll)
        remark = f"median of {len(found.values)} turns, {min(found.values):.2f} to {max(found.values):.2f}"
        yield Bound(f"{where}: CPU for each poll, ours / {other}", found.median, limit, remark=remark)
    seconds = [run.first_seconds if run.first_seconds is not None else float("inf") for run in ours]
    yield Bound(f"{where}: seconds until all were looked at once, ours", max(seconds), MOST_FIRST_SECONDS)
    yield Bound(f"{where}: resources seen, ours", min(run.distinct for run in ours), _waits(turns, scenario), True)
    yield Bound(f"{where}: token requests, ours", max(run.token_requests for run in ours), 1)
    # A change of the connection is to be noticed within a minute: that takes one more in each.
    lookups = max(run.lookups - int(run.lasted_seconds // 60) for run in ours)
    remark = f"besides one a minute; in all: {max(run.lookups for run in ours)}"
    yield Bound(f"{where}: connection look-ups, ours", lookups, 1, remark=remark)
    # The token request has one of its own.
    yield Bound(f"{where}: TCP connections at once, ours", max(run.open_at_once for run in ours), MOST_CONNECTIONS + 1)
    yield Bound(f"{where}: waits that ended, ours", max(run.ended for run in ours), 0)


def loop(turns: Turns) -> Iterator[tuple[Figures, list[Bound]]]:
    """Say how long the loop was kept from everybody else."""
    for scenario in (MANY, FEWER, IN_TURNS):
        peers = [peer for peer in LOOP_PEERS if peer != SLEEP or scenario is not FEWER]
        runs = turns.of(scenario, peers)
        rows = [
            (peer, *(spread(some, value) for value in (_start_busy, _steady_busy, _start_gap, _steady_gap)))
            for peer, some in runs.items()
        ]
        figures = Figures(
            f"The longest between two ticks of 5 ms, in ms: {_title(turns, scenario)}",
            ("peer", "busy, start", "busy, steady", "gap, start", "gap, steady"),
            rows,
            [
                "Busy: processor time of the loop's thread. Gap: by the wall clock; the machine's other users count.",
                f'"{SLEEP}" has a task for each wait that looks at nothing: what asyncio itself takes.',
                "Airflow's triggerer creates one wait in two turns of the loop: all in one is the worst that can be.",
            ],
        )
        yield figures, list(_loop_bounds(turns, scenario, runs)) if OURS in runs else []


def _loop_bounds(turns: Turns, scenario: Scenario, runs: Runs) -> Iterator[Bound]:
    where, ours, idle = _title(turns, scenario), runs[OURS], runs[IDLE]
    for when, value in (("start", _start_busy), ("steady", _steady_busy)):
        found = spread(ours, value)
        others = ", ".join(f"{peer}: {spread(runs[peer], value).median:.0f}" for peer in runs if peer != OURS)
        yield Bound(f"{where}: busy ms, {when}, ours", found.median, MOST_BUSY_MILLISECONDS, remark=others)
    for when, value in (("start", _start_gap), ("steady", _steady_gap)):
        above = spread(ours, value).median - spread(idle, value).median
        yield Bound(f"{where}: ms that the gap is above idle's, {when}, ours", above, MOST_GAP_ABOVE_IDLE)


def _title(turns: Turns, scenario: Scenario) -> str:
    created = f"{scenario.per_turn} created in a turn" if scenario.per_turn else "all created in one turn"
    return f"{_waits(turns, scenario)} waits at {scenario.interval_seconds:g} s, {created}"


def _waits(turns: Turns, scenario: Scenario) -> int:
    return min(scenario.waits, turns.most_waits or scenario.waits)


def _kilobytes(run: Measured, turns: Turns, scenario: Scenario) -> float:
    return run.memory_bytes / 1000 / _waits(turns, scenario)


def _first(some: list[Measured]) -> object:
    seconds = [run.first_seconds for run in some if run.first_seconds is not None]
    return spread(some, lambda one: one.first_seconds or 0.0) if len(seconds) == len(some) else "not all were"


def _start_busy(run: Measured) -> float:
    return 1000 * run.start.busy_seconds


def _steady_busy(run: Measured) -> float:
    return 1000 * run.steady.busy_seconds


def _start_gap(run: Measured) -> float:
    return 1000 * run.start.gap_seconds


def _steady_gap(run: Measured) -> float:
    return 1000 * run.steady.gap_seconds
