"""What one process of the crowd does: it waits for a command, makes its calls, and reports.

Commands are lines: `call`, or `loop SECONDS LEAST MOST`: calls with random pauses between LEAST and MOST seconds.
End of file ends the process, so that nobody outlives the rig. The report is one line of JSON for each command.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from flights_airflow import as_a_task
from workplace import ORG_CONN, PROFILE

LONGEST_TEXT = 300
"""Characters of an error: a report must fit into one atomic write to a pipe (4096 bytes)."""

# Of a statement: what it does, to which Variable. Never a token.
_WORTH_NOTING = re.compile(r"^(?:SELECT|INSERT|DELETE|UPDATE)|orgauth_(?:lease|token)")


@dataclass(frozen=True)
class Place:
    """Where a process is: its number, and the folder for temporary files that makes the simulated host."""

    number: int
    host: Path
    latency: tuple[float, float] = (0.0, 0.0)
    trace: Path | None = None
    """Where every access to a Variable is noted."""

    def note(self, seconds: float, what: str) -> None:
        """Write a line: epoch seconds, host, process, how long it took, and what; several processes may append."""
        if self.trace is not None:
            words = _WORTH_NOTING.findall(what)
            with self.trace.open("a") as file:
                file.write(f"{time.time():.3f} {self.host.name} {self.number:3} {seconds:.3f} {' '.join(words)}\n")


@dataclass
class Report:
    """What came of one command. Times are epoch seconds, so that processes can be compared."""

    number: int
    host: str
    calls: int = 0
    failed: int = 0
    error: str = ""
    longest: float = 0.0
    """Seconds of the slowest call."""
    longest_at: float = 0.0
    ended: float = 0.0
    warnings: list[str] = field(default_factory=list)


def work(place: Place, commands: int, reports: int) -> None:
    """Serve commands from one pipe until it ends; report on the other. Runs in a forked child."""
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    os.environ["TMPDIR"] = str(place.host)
    tempfile.tempdir = None
    as_a_task(place.latency, place.note if place.trace else None)
    warnings = _Warnings()
    logging.getLogger("airflow_provider_orgauth").addHandler(warnings)
    hook = OrgAuthHook(ORG_CONN)
    hook.get_conn()  # reads the connection and derives the key; a token is looked for at the first call
    with os.fdopen(commands) as lines:
        _write(reports, Report(place.number, place.host.name))  # ready
        for line in lines:
            report = Report(place.number, place.host.name)
            for _ in _moments(line.split()):
                _call(hook, report)
            report.warnings, warnings.texts = warnings.texts[:3], []
            report.ended = time.time()
            _write(reports, report)


def _moments(command: list[str]) -> Iterator[None]:
    """Yield whenever it is time for a call."""
    if command[0] == "call":
        yield
        return
    seconds, least, most = map(float, command[1:])
    end = time.monotonic() + seconds
    time.sleep(random.uniform(0, most))  # not all in step
    while time.monotonic() < end:
        yield
        time.sleep(random.uniform(least, most))


def _call(hook: object, report: Report) -> None:
    began, start = time.time(), time.perf_counter()
    report.calls += 1
    try:
        hook.run(PROFILE).json()  # type: ignore[attr-defined]
    except Exception as error:
        report.failed += 1
        report.error = f"{type(error).__name__}: {error}"[:LONGEST_TEXT]
    finally:
        # As between tasks: an idle connection is not kept. So an open one shows who is talking to the server.
        hook.get_conn().close()  # type: ignore[attr-defined]
    seconds = time.perf_counter() - start
    if seconds > report.longest:
        report.longest, report.longest_at = seconds, began


def _write(reports: int, report: Report) -> None:
    os.write(reports, json.dumps(asdict(report)).encode() + b"\n")


class _Warnings(logging.Handler):
    """Keeps what the provider warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage()[:LONGEST_TEXT])
