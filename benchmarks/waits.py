"""`make bench-waits`: what thousands of deferred waits cost a triggerer, beside the HTTP provider and bare aiohttp.

`waits.py SECTION ...` runs only these sections; `--rounds N` turns instead of three; `--waits N` at most, to try it
out; `--peers` leaves ours out; `--json FILE` writes the figures for machines. All of it takes more than an hour.
`make bench-waits BENCH_ARGS="cost --rounds 1"` hands options over.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from exports_bounds import Bound
from figures import Figures
from waits_extremes import fast, one_resource, open_files
from waits_many import cost, loop
from waits_run import WaitServer
from waits_storms import storms
from waits_turns import Turns
from workplace import workplace

# isort: split
from process_session import ended_by_signals

Section = Callable[[Turns], Iterator[tuple[Figures, list[Bound]]]]


def main() -> int:
    """Measure, print, and write what was asked for; return 0, or 1 if a bound is not met."""
    sections: dict[str, Section] = {
        "cost": cost,
        "loop": loop,
        "fast": fast,
        "one": one_resource,
        "storms": lambda turns: storms(turns, arguments.storm_seconds),
        "files": open_files,
    }
    arguments = _arguments(sections)
    names = ("apache-airflow", "apache-airflow-providers-http", "aiohttp")
    about = {"python": platform.python_version(), "cores": os.cpu_count()} | {name: version(name) for name in names}
    print(", ".join(f"{name} {value}" for name, value in about.items()), flush=True)
    tables: list[Figures] = []
    bounds: list[Bound] = []
    with ended_by_signals(), workplace() as root:
        # With a bundle of this machine's, requests looks at the file again for each request: also over plain HTTP.
        for name in ("PYTHONDONTWRITEBYTECODE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            os.environ.pop(name, None)
        with WaitServer(root) as server:
            turns = Turns(server, arguments.rounds, not arguments.peers, arguments.waits)
            for section in arguments.sections or sections:
                for figures, found in sections[section](turns):
                    tables.append(figures)
                    bounds += found
                    print(f"\n{figures}\n", *map(str, found), sep="\n", flush=True)
    missed = [bound for bound in bounds if not bound.met]
    print(f"\n{len(bounds) - len(missed)} of {len(bounds)} bounds are met.", *map(str, missed), sep="\n")
    if arguments.json:
        results = {
            "about": about,
            "figures": [table.as_json() for table in tables],
            "bounds": [bound.as_json() for bound in bounds],
        }
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    return 1 if missed else 0


def _arguments(sections: Mapping[str, Section]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Print what thousands of waits cost a triggerer, beside their peers.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"which: {', '.join(sections)} (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="of what is compared (default: 3)")
    parser.add_argument("--waits", type=int, default=0, metavar="N", help="no more than N at once, to try it out")
    parser.add_argument("--storm-seconds", type=float, default=60.0, metavar="S", help="of each trouble (default: 60)")
    parser.add_argument("--peers", action="store_true", help="leave ours out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(sections):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
