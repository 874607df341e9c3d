"""`make bench-renewals`: what a renewal costs a process that has made ten, a hundred, a thousand, with long tokens."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from exports_bounds import Bound
from figures import Figures
from renewals_process import MARKS
from workplace import BENCHMARKS, ORG_CONN, EmulatorProcess, workplace

# isort: split
from process_session import ended_by_signals

MOST_GROWTH = 1.2
"""Times what it was after the tenth renewal."""


def main() -> int:
    """Measure and print; return 0, or 1 if memory or a call grew by more than a fifth."""
    parser = argparse.ArgumentParser(description="Print what a renewal costs a process that has made many.")
    parser.add_argument("--length", type=int, default=1200, help="characters of each token (default: 1200)")
    parser.add_argument("--renewals", type=int, default=MARKS[-1], help=f"at most (default: {MARKS[-1]})")
    parser.add_argument("--cache", choices=["memory", "variable"], default="memory", help="(default: memory)")
    parser.add_argument("pythons", nargs="*", default=[sys.executable], help="whose Airflow is measured")
    arguments = parser.parse_args()
    bounds: list[Bound] = []
    for python in arguments.pythons:
        with ended_by_signals(), workplace() as root:
            options = ("--token-length", str(arguments.length))
            with EmulatorProcess(root / "emulator.log", *options) as api:
                connection = {**api.connection(), "extra": {"cache": arguments.cache}}
                os.environ[f"AIRFLOW_CONN_{ORG_CONN.upper()}"] = json.dumps(connection)
                marks = run(python, api.url, arguments.renewals)
        title = f"{python}: renewals with tokens of {arguments.length} characters, cache={arguments.cache}"
        header = ("renewals", "call with one: ms of CPU", "masking a line: µs", "memory: MB", "Airflow's patterns")
        print(Figures(title, header, [tuple(mark.values()) for mark in marks]), flush=True)
        bounds += [
            Bound(f"{name} at the end / after the tenth", marks[-1][name] / marks[0][name], MOST_GROWTH)
            for name in ("call", "memory")
        ]
    print(*bounds, sep="\n")
    return 0 if all(bound.met for bound in bounds) else 1


def run(python: str, url: str, renewals: int) -> list[dict[str, Any]]:
    """Let a process of its own renew; return what it printed at its marks.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [python, str(BENCHMARKS / "renewals_process.py"), url, str(renewals)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


if __name__ == "__main__":
    sys.exit(main())
