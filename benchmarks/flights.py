"""`make bench-flights`: real processes that all need a token at one moment; how many ask the server for one.

Runs on Airflow 2.11: there a plain process has Variables, on Airflow 3 only a supervised task has (see
flights_airflow.py). `flights.py NAME ...` runs only these situations; `--json FILE` writes the figures for machines.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from figures import Figures, Spread
from flights_airflow import prepare
from flights_crowd import Size
from workplace import workplace

# isort: split
from process_session import ended_by_signals

if TYPE_CHECKING:
    from flights_scenarios import Outcome

SITUATIONS: Mapping[str, str] = {
    "cold-host": "nobody has a token",
    "cold-hosts": "nobody has a token",
    "awake-hosts": "renewed while in use",
    "asleep-hosts": "all wake when it is dead",
    "killed-cold-host": "cold, renewer killed",
    "killed-cold-hosts": "cold, renewer killed",
    "killed-host": "at expiry, renewer killed",
    "killed-hosts": "at expiry, renewer killed",
    "killed-stalled-hosts": "the same, half an answer",
}
"""`…-host`: all processes are on one host; `…-hosts`: on several."""


def main() -> int:
    """Run, print, write; return 0."""
    arguments = _arguments()
    print(
        f"python {platform.python_version()}, airflow {version('apache-airflow')}, cores {os.cpu_count()}, "
        f"Variables in {(arguments.database or 'sqlite').partition(':')[0]}",
        flush=True,
    )
    outcomes: dict[str, Outcome] = {}
    with ended_by_signals(), workplace() as root:
        (root / "home").mkdir()
        prepare(root / "home", arguments.database)
        for name in arguments.names or SITUATIONS:
            outcomes[name] = _run(name, root, _size(name, arguments), arguments.runs)
            print(f"{name}: {' '.join(map(str, outcomes[name].token_requests))}", file=sys.stderr, flush=True)
    print(f"\n{_figures(outcomes, arguments)}", flush=True)
    if arguments.json:
        results = {name: asdict(outcome) for name, outcome in outcomes.items()}
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _run(name: str, root: Path, size: Size, runs: int) -> Outcome:
    from flights_scenarios import asleep, awake, cold, killed

    few = -(-runs // 10)
    match name:
        case "cold-host":
            return cold(root, size, -(-runs // 2))
        case "cold-hosts":
            return cold(root, size, runs)
        case "awake-hosts":
            return awake(root, size, runs)
        case "asleep-hosts":
            return asleep(root, size, runs)
        case "killed-stalled-hosts":
            return killed(root, size, few, held=True, kind="stall")
        case _:
            return killed(root, size, few, held="cold" not in name, kind="slow")


def _size(name: str, arguments: argparse.Namespace) -> Size:
    least, most = arguments.latency
    hosts, each = (arguments.hosts, arguments.each)
    if not name.endswith("hosts"):
        hosts, each = 1, hosts * each
    return Size(hosts, each, (least / 1000, most / 1000), arguments.trace)


def _figures(outcomes: Mapping[str, Outcome], arguments: argparse.Namespace) -> Figures:
    remarks = {text: None for outcome in outcomes.values() for text in outcome.remarks}
    return Figures(
        "Token requests of processes that need a token at one moment; a refresh token works once, a second use "
        "revokes its family",
        (
            "",
            "hosts",
            "token requests",
            "median",
            "most",
            "failed",
            "calls",
            "refreshes",
            "revoked",
            "first (s)",
            "last (s)",
        ),
        [_row(name, outcome, arguments) for name, outcome in outcomes.items()],
        [
            "first, last: seconds until the first and the last process of a run had its answer, from the kill on if "
            "there was one; where calls go on all the time, the slowest call.",
            *(f"Remark: {text}" for text in remarks),
        ],
    )


def _row(name: str, outcome: Outcome, arguments: argparse.Namespace) -> tuple[Any, ...]:
    size = _size(name, arguments)
    return (
        SITUATIONS[name],
        f"{size.hosts} x {size.each}",
        outcome.token_requests,
        median(outcome.token_requests),
        max(outcome.token_requests),
        outcome.failed,
        outcome.calls,
        outcome.refreshes,
        outcome.revoked,
        Spread.of(outcome.first) if outcome.first else "",
        Spread.of(outcome.last),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Count token requests of real processes that need a token together.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(SITUATIONS)} (default: all)")
    parser.add_argument("--hosts", type=int, default=8, help="simulated hosts (default: %(default)s)")
    parser.add_argument("--each", type=int, default=25, help="processes on each (default: %(default)s)")
    parser.add_argument(
        "--runs",
        type=int,
        default=20,
        help="runs or lifetimes; half as many for cold-host, a tenth with a kill (default: %(default)s)",
    )
    parser.add_argument(
        "--latency",
        type=float,
        nargs=2,
        default=(0, 0),
        metavar=("LEAST", "MOST"),
        help="milliseconds that each database statement takes on top (default: none)",
    )
    parser.add_argument("--database", metavar="URL", help="SQLAlchemy URL of an empty database (default: SQLite)")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="note every access to a Variable, with its time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(SITUATIONS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
