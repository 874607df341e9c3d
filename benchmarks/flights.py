"""`make bench-flights`: real processes that all need a token at one moment; how many ask the server for one.

Runs on Airflow 2.11, where a plain process has Variables (see flights_airflow.py). `flights.py NAME ...` runs only
these situations; `--json FILE` writes the figures for machines as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

from figures import Figures, Spread
from flights_airflow import prepare
from workplace import workplace

# isort: split
from process_session import ended_by_signals

NAMES = ("cold-host", "cold-hosts", "awake", "asleep", "killed")


def main() -> int:
    """Run, print, write; return 0."""
    arguments = _arguments()
    print(
        f"python {platform.python_version()}, airflow {version('apache-airflow')}, cores {os.cpu_count()}, "
        f"Variables in {(arguments.database or 'sqlite').partition(':')[0]}",
        flush=True,
    )
    results = {}
    with ended_by_signals(), workplace() as root:
        (root / "home").mkdir()
        prepare(root / "home", arguments.database)
        for name in arguments.names or NAMES:
            figures = _measure(name, root, arguments)
            results[name] = figures.as_json()
            print(f"\n{figures}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _measure(name: str, root: Path, arguments: argparse.Namespace) -> Figures:
    from flights_scenarios import Outcome, Size, asleep, awake, cold, killed

    latency = tuple(milliseconds / 1000 for milliseconds in arguments.latency)
    many = Size(arguments.hosts, arguments.each, latency)
    one = Size(1, arguments.hosts * arguments.each, latency)
    runs: int = arguments.runs
    rows: list[tuple[str, Callable[[], Outcome]]]
    match name:
        case "cold-host":
            rows = [(f"cold, {_size(one)}", partial(cold, root, one, (runs + 1) // 2))]
        case "cold-hosts":
            rows = [(f"cold, {_size(many)}", partial(cold, root, many, runs))]
        case "awake":
            rows = [(f"a call every 0.3 to 1 s, {_size(many)}", partial(awake, root, many, runs))]
        case "asleep":
            rows = [(f"all wake when it is dead, {_size(many)}", partial(asleep, root, many, runs))]
        case _:
            few = (runs + 9) // 10
            rows = [
                (
                    f"{'at expiry' if held else 'cold'}, answer {kind}, {_size(size)}",
                    partial(killed, root, size, few, held=held, kind=kind),
                )
                for size in (one, many)
                for held, kind in ((False, "slow"), (True, "slow"), (True, "stall"))
            ]
    outcomes = [(label, run()) for label, run in rows]
    return Figures(
        "The process that renews is killed" if name == "killed" else "Token requests when everybody needs a token",
        ("situation", "token requests", "median", "most", "failed calls", "revoked families", "slowest call (s)"),
        [
            (
                label,
                outcome.token_requests,
                median(outcome.token_requests),
                max(outcome.token_requests),
                f"{outcome.failed} of {outcome.calls:,}",
                outcome.revoked,
                Spread.of(outcome.longest),
            )
            for label, outcome in outcomes
        ],
        [f"Remark: {remark}" for remark in dict.fromkeys(text for _, outcome in outcomes for text in outcome.remarks)],
    )


def _size(size: object) -> str:
    hosts, each = size.hosts, size.each  # type: ignore[attr-defined]
    return f"{hosts} x {each} processes" if hosts > 1 else f"{each} processes of one host"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Count token requests of real processes that need a token together.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--hosts", type=int, default=8, help="simulated hosts (default: %(default)s)")
    parser.add_argument("--each", type=int, default=25, help="processes on each (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=20, help="runs or lifetimes of each situation (default: 20)")
    parser.add_argument(
        "--latency",
        type=float,
        nargs=2,
        default=(0, 0),
        metavar=("LEAST", "MOST"),
        help="milliseconds that each database statement takes on top (default: none)",
    )
    parser.add_argument("--database", metavar="URL", help="SQLAlchemy URL of an empty database (default: SQLite)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
