"""The sections about what is out of the ordinary: no pause, one resource for all, too few open files."""

from __future__ import annotations

from collections.abc import Iterator

from exports_bounds import Bound
from figures import Figures, Spread
from waits_peers import BARE, HTTP, IDLE, OURS
from waits_scenario import Scenario
from waits_turns import Runs, Turns, milliseconds_per_poll, ratio, spread

FAST = Scenario("", waits=1_000, interval_seconds=0, first_seconds=15, window_seconds=10)
ONE = Scenario("", waits=1_000, interval_seconds=5, first_seconds=15, window_seconds=30, one_resource=True)
FILES = Scenario("", waits=10_000, interval_seconds=30, first_seconds=50, window_seconds=15, open_files=1024)
LOOKERS = (HTTP, BARE, OURS)
LEAST_OF_BARE, LEAST_OF_HTTP, MOST_POLLS_AN_INTERVAL = 0.6, 2.0, 1.1


def fast(turns: Turns) -> Iterator[tuple[Figures, list[Bound]]]:
    """Say how many polls there are where nobody pauses."""
    runs = turns.of(FAST, (*LOOKERS, IDLE))
    rows = [
        (peer, _rate(runs, peer), milliseconds_per_poll(runs, peer), max(run.open_at_once for run in some))
        for peer, some in runs.items()
        if peer != IDLE
    ]
    figures = Figures(
        f"{FAST.waits} waits as fast as can be (an interval of 0), for {FAST.window_seconds:g} s",
        ("peer", "polls per second", "CPU ms for each poll, idle's taken off", "TCP connections at once"),
        rows,
    )
    bounds = []
    for other, limit in ((BARE, LEAST_OF_BARE), (HTTP, LEAST_OF_HTTP)) if OURS in runs else ():
        found = ratio(runs, OURS, other, _rate)
        remark = f"median of {len(found.values)} turns, {min(found.values):.2f} to {max(found.values):.2f}"
        bounds.append(Bound(f"as fast as can be: polls per second, ours / {other}", found.median, limit, True, remark))
    yield figures, bounds


def one_resource(turns: Turns) -> Iterator[tuple[Figures, list[Bound]]]:
    """Say how often a resource is asked for that a thousand wait for."""
    runs = turns.of(ONE, LOOKERS)
    polls = {
        peer: spread(some, lambda run: run.polls * ONE.interval_seconds / run.window_seconds)
        for peer, some in runs.items()
    }
    figures = Figures(
        f"{ONE.waits} waits for one resource, every {ONE.interval_seconds:g} s, for {ONE.window_seconds:g} s",
        ("peer", "polls in an interval"),
        list(polls.items()),
    )
    bound = "one resource: polls in an interval, ours"
    yield figures, [Bound(bound, max(polls[OURS].values), MOST_POLLS_AN_INTERVAL)] if OURS in polls else []


def open_files(turns: Turns) -> Iterator[tuple[Figures, list[Bound]]]:
    """Say how many waits die where a process may open 1,024 files."""
    runs = turns.of(FILES, LOOKERS, rounds=1)
    rows = [
        (peer, max(run.ended for run in some), max(run.open_at_once for run in some), " ".join(some[0].reasons))
        for peer, some in runs.items()
    ]
    figures = Figures(
        f"{FILES.waits} waits at {FILES.interval_seconds:g} s in a process that may open {FILES.open_files} files",
        ("peer", "waits that died", "TCP connections at once", "of what"),
        rows,
    )
    bound = f"{FILES.open_files} open files: waits that died, ours"
    yield figures, [Bound(bound, runs[OURS][0].ended, 0)] if OURS in runs else []


def _rate(runs: Runs, peer: str) -> Spread:
    return spread(runs[peer], lambda run: run.polls / run.window_seconds)
