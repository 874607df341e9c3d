"""`make bench-async`: what 1,000 calls in one process cost with run_async, beside bare aiohttp and beside threads.

`--rounds N` for more of them; `--latency MS ...` for others than 0 and 20 ms; `--json FILE` writes the figures for
machines. `make bench-async BENCH_ARGS="--rounds 3"` hands options over.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median

from async_calls_process import Measured
from async_calls_ways import AIOHTTP, AT_ONCE, IN_THREADS, ON_LOOP, OURS, OURS_FIRST, THREADS_16, THREADS_64
from exports_bounds import Bound
from figures import Figures, Spread
from workplace import BENCHMARKS, workplace

# isort: split
from exports_run import ExportServer
from process_session import ended_by_signals

CALLS = 1000
LATENCIES = (0.0, 20.0)
"""Milliseconds: without, the client's own work is all there is; with 20, most of it hides behind the waiting."""
LEAST_RATIO, MOST_BLOCKED_MILLISECONDS = 0.7, 50.0
LONGEST_SECONDS = 120
WAYS = (AIOHTTP, OURS, OURS_FIRST, *IN_THREADS)
"""Who is compared with whom run one after the other: the machine is the same for both, as far as that goes."""

Runs = Mapping[str, list[Measured]]
"""By way; one for each turn."""


def main() -> int:
    """Measure, print, and write what was asked for; return 0, or 1 if a bound is not met."""
    arguments = _arguments()
    names = ("apache-airflow", "requests", "aiohttp")
    about = {"python": platform.python_version(), "cores": os.cpu_count()} | {name: version(name) for name in names}
    print(", ".join(f"{name} {value}" for name, value in about.items()), flush=True)
    tables: list[Figures] = []
    bounds: list[Bound] = []
    with ended_by_signals(), workplace() as root:
        # With a bundle of this machine's, requests looks at the file again for each request: also over plain HTTP.
        for name in ("PYTHONDONTWRITEBYTECODE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            os.environ.pop(name, None)
        for latency in arguments.latency:
            runs = _measured(root, latency, arguments.rounds)
            tables.append(_table(latency, runs))
            bounds += _bounds(latency, runs)
            print(f"\n{tables[-1]}", flush=True)
    print()
    for bound in bounds:
        print(bound)
    if arguments.json:
        results = {
            "about": about,
            "figures": [table.as_json() for table in tables],
            "bounds": [bound.as_json() for bound in bounds],
        }
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(bound.met for bound in bounds) else 1


def _measured(root: Path, latency: float, rounds: int) -> Runs:
    """Let all take turns, each in a new process."""
    runs: dict[str, list[Measured]] = {way: [] for way in WAYS}
    with ExportServer(root, pages=1, latency=latency) as server:
        _run(server, root, OURS_FIRST)  # writes the bytecode
        for _ in range(rounds):
            for way in WAYS:
                runs[way].append(_run(server, root, way))
    return runs


def _run(server: ExportServer, root: Path, way: str) -> Measured:
    """Make the calls in a new process.

    Raises:
        RuntimeError: it failed, or a call had no right answer.
    """
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "async_calls_process.py"), way, server.url, str(CALLS)],
        env={**os.environ, **server.connections(), "PYTHONPYCACHEPREFIX": str(root / "bytecode")},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{way} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    measured = Measured(**json.loads(done.stdout.splitlines()[-1]))
    if (measured.answers, measured.api_requests) != (CALLS, CALLS):
        raise RuntimeError(f"{way}: {measured.answers} right answers to {measured.api_requests} requests, not {CALLS}")
    return measured


def _table(latency: float, runs: Runs) -> Figures:
    rates = {way: Spread.of([_rate(run) for run in some]) for way, some in runs.items()}
    rows = [
        (
            way,
            rates[way],
            _ratio(runs, way, AIOHTTP).median,
            Spread.of([1000 * run.blocked_seconds for run in some if run.blocked_seconds is not None])
            if way in ON_LOOP
            else "",
            median(run.cpu_seconds for run in some),
            max(run.token_requests for run in some),
            max(run.connections for run in some),
        )
        for way, some in runs.items()
    ]
    return Figures(
        f"{CALLS} calls in one process, {latency:g} ms latency, {len(runs[OURS])} rounds by turns, each in a process",
        (
            "way",
            "calls per second: median (lowest to highest)",
            "of bare aiohttp's",
            "longest block of the loop in ms",
            "CPU seconds",
            "token requests",
            "TCP connections",
        ),
        rows,
        [
            f"On a loop {AT_ONCE} calls are under way at once. Each way asks for its token, and parses each answer.",
            f'"{OURS_FIRST}" is the same in a process that has not called before, with the imports that come late.',
            "What was there before the calls is left out of garbage collections: with Airflow, one takes 0.1 seconds.",
        ],
        {f"{OURS} / {way}": _ratio(runs, OURS, way).median for way in (THREADS_16, THREADS_64) if way in runs},
    )


def _bounds(latency: float, runs: Runs) -> Iterator[Bound]:
    where = f"{latency:g} ms"
    ratio, bare = _ratio(runs, OURS, AIOHTTP), _longest_block(runs, AIOHTTP)
    remark = f"median of {len(ratio.values)} turns, {min(ratio.values):.2f} to {max(ratio.values):.2f}"
    yield Bound(f"{where}: {OURS} / {AIOHTTP}, calls per second", ratio.median, LEAST_RATIO, True, remark)
    for way in (OURS, OURS_FIRST):
        block = _longest_block(runs, way)
        remark = f"the highest; {AIOHTTP}: {bare:.1f}"
        yield Bound(f"{where}: ms that the loop was blocked, {way}", block, MOST_BLOCKED_MILLISECONDS, remark=remark)
    tokens = max(run.token_requests for way in (OURS, OURS_FIRST) for run in runs[way])
    yield Bound(f"{where}: token requests, {OURS}", tokens, 1)
    connections = max(run.connections for way in (OURS, OURS_FIRST) for run in runs[way])
    # The token request has one of its own.
    yield Bound(f"{where}: TCP connections, {OURS}", connections, AT_ONCE + 1)


def _ratio(runs: Runs, way: str, other: str) -> Spread:
    """Divide turn by turn: who else used the machine then, slowed both."""
    return Spread.of([_rate(one) / _rate(two) for one, two in zip(runs[way], runs[other], strict=True)])


def _rate(run: Measured) -> float:
    return CALLS / run.seconds


def _longest_block(runs: Runs, way: str) -> float:
    return max(1000 * run.blocked_seconds for run in runs[way] if run.blocked_seconds is not None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Print what 1,000 calls in one process cost, beside their peers.")
    parser.add_argument("--rounds", type=int, default=5, help="(default: 5)")
    parser.add_argument("--latency", type=float, nargs="+", default=LATENCIES, metavar="MS", help="(default: 0 and 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
