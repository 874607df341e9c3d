"""`make bench-exports`: what it costs to fetch every page, beside what users do today and what the network allows.

`exports.py PART ...` runs only these parts; `--plot` measures memory at more sizes and draws
docs/images/export-memory.svg; `--json FILE` writes the figures for machines.
`make bench-exports BENCH_ARGS="local --rounds 3"` hands options over.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from timeit import Timer

from exports_bounds import Bound, latency_bounds, local_bounds, memory_bounds
from exports_plot import Series, draw
from exports_server import pages_of
from exports_ways import (
    AIOHTTP_8,
    AIOHTTP_16,
    DLT,
    FILE_16,
    FILE_DEFAULT,
    HTTP_OPERATOR,
    LOOP,
    LOOP_KEEPS,
    OURS,
    RECORDS,
)
from figures import Figures, Spread
from workplace import BENCHMARKS, workplace

# isort: split
from exports_run import ExportServer, Run
from process_session import ended_by_signals

PARTS = ("latency", "local", "memory")
PAGES, LATENCY = 200, 50
SIZES = (100, 1000)
PLOTTED_SIZES = (100, 200, 400, 700, 1000)
KEEPERS, KEEPERS_SIZE = (HTTP_OPERATOR, LOOP_KEEPS), 400
"""Who holds everything is not asked to hold a million records."""
IN_TURN = (HTTP_OPERATOR, DLT, LOOP)
"""One request after the other: with latency they mostly wait, which varies little and takes long."""
PICTURE = BENCHMARKS.parent / "docs" / "images" / "export-memory.svg"


def main() -> int:
    """Measure, print, and write what was asked for; return 0, or 1 if a bound is not met."""
    arguments = _arguments()
    names = ("apache-airflow", "apache-airflow-providers-http", "dlt", "requests", "aiohttp")
    about = {"python": platform.python_version(), "cores": os.cpu_count()} | {name: version(name) for name in names}
    print(", ".join(f"{name} {value}" for name, value in about.items()), flush=True)
    parts: dict[str, Figures] = {}
    bounds: list[Bound] = []
    with ended_by_signals(), workplace() as root:
        # With a bundle of this machine's, requests looks at the file again for each request: also over plain HTTP.
        for name in ("PYTHONDONTWRITEBYTECODE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            os.environ.pop(name, None)
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        os.environ["DLT_DATA_DIR"] = str(root / "dlt")
        for part in arguments.parts or PARTS:
            if part == "memory":
                figures, found = _memory(root, arguments)
            else:
                figures, found = _speed(root, part, arguments)
            parts[part] = figures
            bounds += found
            print(f"\n{figures}", flush=True)
    print()
    for bound in bounds:
        print(bound)
    if arguments.json:
        results = {
            "about": about,
            "figures": {part: figures.as_json() for part, figures in parts.items()},
            "bounds": [bound.as_json() for bound in bounds],
        }
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(bound.met for bound in bounds) else 1


def _speed(root: Path, part: str, arguments: argparse.Namespace) -> tuple[Figures, list[Bound]]:
    latency = LATENCY if part == "latency" else 0
    # Who is compared with whom run one after the other: the machine is the same for both, as far as that goes.
    ways = _chosen([HTTP_OPERATOR, DLT, RECORDS, AIOHTTP_8, LOOP, FILE_DEFAULT, FILE_16, AIOHTTP_16], arguments)
    runs: dict[str, dict[int, Run]] = {way: {} for way in ways}
    machine: list[float] = []
    with ExportServer(root, pages=PAGES, latency=latency, token_latency=arguments.token_latency) as server:
        _warm(root, ways)
        for turn in range(arguments.rounds):
            machine.append(_parse_milliseconds())
            for way in ways:
                if not (latency and way in IN_TURN and turn % 2):
                    runs[way][turn] = server.run(way)
    seen = [run for way in (AIOHTTP_8, AIOHTTP_16) for run in runs[way].values()]
    each = [run.server_seconds / run.api_requests * 1e6 for run in seen]
    title = f"{latency} ms latency" if latency else "No latency"
    return (
        Figures(
            f"{title}: {PAGES} pages of 1000 devices, {arguments.rounds} rounds by turns, each in a new process",
            (
                "way",
                "seconds: median (lowest to highest)",
                "CPU seconds",
                "MB above idle",
                "token requests",
                "TCP connections",
                "look-ups",
            ),
            [_row(way, list(of_way.values())) for way, of_way in runs.items()],
            [
                f"The server's CPU for a page when aiohttp asks: {median(each):.0f} µs, the kernel's sending included.",
                f"json.loads of a page took {Spread.of(machine)} ms: 2.4 ms on two cores that nobody else used.",
                f"A token is answered after {arguments.token_latency:g} ms. HttpOperator ends with texts, not records.",
            ],
        ),
        latency_bounds(runs) if latency else local_bounds(runs),
    )


def _memory(root: Path, arguments: argparse.Namespace) -> tuple[Figures, list[Bound]]:
    sizes = PLOTTED_SIZES if arguments.plot else SIZES
    ways = _chosen([HTTP_OPERATOR, LOOP_KEEPS, DLT, LOOP, FILE_DEFAULT, FILE_16], arguments)
    runs: dict[str, dict[int, list[Run]]] = {way: {} for way in ways}
    _warm(root, ways)
    for size in sizes:
        with ExportServer(root, pages=size, latency=0) as server:
            for way in ways:
                if way not in KEEPERS or size <= KEEPERS_SIZE:
                    rounds = 3 if way in OURS else 1
                    runs[way][size] = [server.run(way) for _ in range(rounds)]
    if arguments.plot:
        series = [
            Series(way, tuple((size, max(map(_megabytes, some))) for size, some in of_way.items()), ours=way in OURS)
            for way, of_way in runs.items()
            if way != FILE_16
        ]
        draw(PICTURE, series)
    rows = [
        (way, *(Spread.of([_megabytes(run) for run in of_way[size]]) if size in of_way else "" for size in sizes))
        for way, of_way in runs.items()
    ]
    by = sorted({run.measured.memory_by for of_way in runs.values() for some in of_way.values() for run in some})
    return (
        Figures(
            "Peak memory above the idle process, in MB (10^6 bytes), by pages of 1000 devices (0.336 MB each)",
            ("way", *(f"{size} pages" for size in sizes)),
            rows,
            [f"Idle: all is imported, nothing was called. Resident memory, {' and '.join(by)}."],
        ),
        memory_bounds({way: of_way for way, of_way in runs.items() if way in OURS}),
    )


def _parse_milliseconds() -> float:
    """Say how fast this machine is now: who shares it is not to be seen otherwise."""
    page = next(pages_of(1))
    return 1000 * min(Timer(lambda: json.loads(page)).repeat(5, 1))


def _warm(root: Path, ways: Iterable[str]) -> None:
    """Let each way run once on little, to write its bytecode and the list of what it imports."""
    with ExportServer(root, pages=20, latency=0) as server:
        for way in ways:
            if not (root / f"{way}.modules").exists():
                server.run(way)


def _row(way: str, runs: list[Run]) -> tuple[object, ...]:
    def each(values: Iterable[int]) -> str:
        return " to ".join(map(str, sorted({min(found := list(values)), max(found)})))

    return (
        way,
        Spread.of([run.measured.seconds for run in runs]),
        Spread.of([run.measured.cpu_seconds for run in runs]).median,
        Spread.of([_megabytes(run) for run in runs]).median,
        each(run.token_requests for run in runs),
        each(run.connections for run in runs),
        each(run.measured.lookups for run in runs),
    )


def _megabytes(run: Run) -> float:
    return run.measured.memory / 1e6


def _chosen(ways: list[str], arguments: argparse.Namespace) -> list[str]:
    return [way for way in ways if not (arguments.peers and way in OURS)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Print what an export costs beside its peers, in the same run.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="of the speed parts (default: 5)")
    parser.add_argument(
        "--token-latency",
        type=float,
        default=0.0,
        metavar="MS",
        help="of a token (default: 0, in favour of who asks often)",
    )
    parser.add_argument("--peers", action="store_true", help="leave ours out")
    parser.add_argument("--plot", action="store_true", help=f"measure more sizes and draw {PICTURE.name}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
