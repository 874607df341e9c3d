"""The section about servers in trouble: what they get from a thousand waits, and which waits live through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from exports_bounds import Bound
from figures import Figures
from waits_peers import BARE, HTTP, OURS
from waits_scenario import Measured, Scenario
from waits_server import HANG, MODES, REFUSE, RETRY_AFTER_SECONDS
from waits_turns import Turns

STORM = Scenario("", waits=1_000, interval_seconds=10, first_seconds=15, window_seconds=10, after_seconds=20)
MAY_GET_BETTER = ("429", "500", REFUSE, HANG)
"""The others say that asking again does not help: a wait may end there."""
PEERS = (HTTP, BARE, OURS)


def storms(turns: Turns, seconds: float) -> Iterator[tuple[Figures, list[Bound]]]:
    """Say what each kind of trouble brings, `seconds` long."""
    rows: list[tuple[object, ...]] = []
    bounds = []
    for mode in MODES:
        scenario = replace(STORM, storm=mode, storm_seconds=seconds)
        runs = turns.of(scenario, PEERS, rounds=1)
        rows += [_row(mode, peer, some[0], seconds) for peer, some in runs.items()]
        if OURS in runs:
            bounds += list(_bounds(mode, runs[OURS][0], scenario))
    title = f"{STORM.waits} waits at {STORM.interval_seconds:g} s while the server is in trouble for {seconds:g} s"
    notes = [
        f"All is well: {STORM.waits / STORM.interval_seconds:g} requests per second are due. 429 comes with"
        f" Retry-After: {RETRY_AFTER_SECONDS}. Requests for tokens count.",
        f"{REFUSE}: tries to connect count. {HANG}: requests are taken and never answered.",
    ]
    header = (
        "trouble",
        "peer",
        "requests per second, all well",
        "in trouble",
        "most in one second, all well",
        "in trouble ",
        "token requests, in all",
        "connection look-ups, in all",
        "waits that ended",
        f"waits that polled again within {STORM.after_seconds:g} s",
    )
    yield Figures(title, header, rows, notes), bounds


def _row(mode: str, peer: str, run: Measured, seconds: float) -> tuple[object, ...]:
    assert run.storm is not None
    return (
        mode,
        peer,
        run.polls / run.window_seconds,
        run.storm.requests / seconds,
        run.busiest_second,
        run.storm.busiest_second,
        run.token_requests,
        run.lookups,
        run.storm.ended,
        run.storm.again,
    )


def _bounds(mode: str, run: Measured, scenario: Scenario) -> Iterator[Bound]:
    assert run.storm is not None
    rate = run.storm.requests / scenario.storm_seconds
    well = scenario.waits / scenario.interval_seconds
    remark = f"most in one second: {run.storm.busiest_second}; all well: {run.busiest_second}"
    yield Bound(f"{mode}: requests per second in trouble, ours", rate, well, remark=remark)
    if mode in MAY_GET_BETTER:
        yield Bound(f"{mode}: waits that ended, ours", run.storm.ended, 0)
