"""Run all tests in two processes: those that drive a real Airflow or a browser, and beside them all others.

Most of either half is waiting, so that both together take little longer than one. ``make test`` calls this::

    python scripts/side_by_side.py python -m pytest --timeout 600

The output of the others is shown as it comes, that of the first in one piece at the end.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from types import FrameType
from typing import IO

REAL_AIRFLOW = ("tests/airflow", "tests/browser")


def start(command: list[str], output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """Start one half; None shows its output."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output and subprocess.STDOUT)


def main(pytest: list[str]) -> int:
    """Run both halves; return the exit code of the first that failed."""
    with tempfile.TemporaryFile() as kept:
        real = start([*pytest, *REAL_AIRFLOW], kept)
        others = start([*pytest, *(f"--ignore={folder}" for folder in REAL_AIRFLOW)], None)

        def interrupt(number: int, frame: FrameType | None) -> None:
            """Interrupt both as a terminal does, and wait on: else they would go on without us."""
            for half in (real, others):
                half.send_signal(signal.SIGINT)

        signal.signal(signal.SIGTERM, interrupt)
        try:
            codes = [others.wait(), real.wait()]
        except KeyboardInterrupt:  # the terminal has interrupted both, too: they stop what they started
            codes = [others.wait(), real.wait()]
        kept.seek(0)
        sys.stdout.buffer.write(kept.read())
        sys.stdout.flush()
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
