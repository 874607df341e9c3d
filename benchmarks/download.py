"""`make bench-download`: what a large answer costs on its way to a file, beside a loop over requests and curl."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from download_process import WAYS
from download_server import LOGIN, PASSWORD, PATH, TOKEN
from exports_bounds import MOST_MEGABYTES, Bound
from figures import Figures, Spread
from workplace import BENCHMARKS, ORG_CONN, workplace

# isort: split
from process_session import ended_by_signals

CURL = "curl"


def main() -> int:
    """Measure and print; return 0, or 1 if the bound on memory is not met."""
    parser = argparse.ArgumentParser(description="Print what a large answer costs on its way to a file.")
    parser.add_argument("--megabytes", type=int, default=1000, help="of the answer (default: 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="of all ways in turn (default: 3)")
    arguments = parser.parse_args()
    ways = [*WAYS, *([CURL] if shutil.which(CURL) else [])]
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    memory: dict[str, list[float]] = {way: [] for way in ways}
    with ended_by_signals(), workplace() as root, server(arguments.megabytes) as url:
        for _ in range(arguments.rounds):
            for way in ways:
                with TemporaryDirectory(dir=root) as folder:
                    found = run(way, url, Path(folder) / "report.bin", arguments.megabytes)
                seconds[way].append(found["seconds"])
                memory[way].append(found["memory"] / 1e6)
    rows = [(way, Spread.of(seconds[way]), Spread.of(memory[way]) if way != CURL else "") for way in ways]
    title = f"An answer of {arguments.megabytes} MB, {arguments.rounds} rounds by turns, each in a new process"
    notes = ["The durable loop computes a digest and waits for the disk, as ours does; the others do neither."]
    print(Figures(title, ("way", "seconds: median (lowest to highest)", "MB above idle"), rows, notes))
    for way in ways[1:]:
        ratio = median(a / b for a, b in zip(seconds["ours"], seconds[way], strict=True))
        print(f"ours / {way}: {ratio:.2f}")
    bound = Bound("MB above idle, ours", max(memory["ours"]), MOST_MEGABYTES)
    print(bound)
    return 0 if bound.met else 1


def run(way: str, url: str, file: Path, megabytes: int) -> dict[str, float]:
    """Download once.

    Raises:
        RuntimeError: it failed, or the file is not whole.
    """
    if way == CURL:
        command = [CURL, "--silent", "--fail", "--header", f"Authorization: Bearer {TOKEN}"]
        start = time.perf_counter()
        subprocess.run([*command, "--output", str(file), f"{url}{PATH}"], check=True)
        found = {"seconds": time.perf_counter() - start, "memory": 0.0}
    else:
        host, port = url.removeprefix("http://").split(":")
        connection = {"conn_type": "orgauth", "host": host, "port": int(port), "schema": "http"}
        connection |= {"login": LOGIN, "password": PASSWORD, "extra": {"cache": "memory"}}
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "download_process.py"), way, url, str(file)],
            env={**os.environ, f"AIRFLOW_CONN_{ORG_CONN.upper()}": json.dumps(connection)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{way} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        found = json.loads(done.stdout.splitlines()[-1])
    if file.stat().st_size != megabytes * 1_000_000:
        raise RuntimeError(f"{way}: {file.stat().st_size:,} bytes")
    return found


@contextmanager
def server(megabytes: int) -> Iterator[str]:
    """Run the server while the context lasts, and yield its URL."""
    command = [sys.executable, "-u", str(BENCHMARKS / "download_server.py"), str(megabytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("no pipe")
            yield process.stdout.readline().removeprefix("READY ").strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
