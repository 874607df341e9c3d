"""`make bench`: print the figures, as ratios to peers that were measured in the same run.

`run.py NAME ...` measures only these; `--json FILE` writes the figures for machines as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from workplace import workplace

# isort: split
from process_session import ended_by_signals

BENCHMARKS = {
    "imports": "import_cost",
    "calls": "calls",
    "threads": "threads",
    "warm": "warm_token",
    "fleet": "fleet",
}
LONGEST = 480
"""Seconds for all of them, on two cores."""


def main() -> int:
    """Measure, print, and write what was asked for; return 0."""
    arguments = _arguments()
    about = {
        "python": platform.python_version(),
        "airflow": version("apache-airflow"),
        "requests": version("requests"),
        "http provider": version("apache-airflow-providers-http"),
        "cores": os.cpu_count(),
    }
    print(", ".join(f"{name} {value}" for name, value in about.items()), flush=True)
    results = {}
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST)
    with ended_by_signals(), workplace() as root:
        for name in arguments.names or BENCHMARKS:
            figures = import_module(BENCHMARKS[name]).measure(root)
            results[name] = figures.as_json()
            print(f"\n{figures}", flush=True)
    signal.alarm(0)
    if arguments.json:
        arguments.json.write_text(json.dumps({"about": about, "figures": results}, indent=2) + "\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Print the figures, as ratios to peers measured in the same run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"the benchmarks took more than {LONGEST} seconds")


if __name__ == "__main__":
    sys.exit(main())
