"""Start a program in a session of its own, and end everything in that session whatever happens to us.

Airflow's components fork workers, workers fork tasks, and each task makes itself the leader of a new process group:
a signal to one process, or to one group, leaves the others behind. None of them leaves the session.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

# Airflow's scheduler waits for running tasks when it is asked to end; nobody here needs their results.
GRACE_SECONDS = 3.0


class ProcessSession:
    """A running program, its log file, and everything that it started.

    Args:
        name: what to call it in messages.
        command: the program and its arguments.
        env: the whole environment of the program.
        log: the file that receives its output (appended to).
        user: who runs it, by name; only root can choose. It gets the user's own group and no other.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], log: Path, user: str | None = None
    ) -> None:
        self.name = name
        self.log = log
        self._interrupted = self._ended = False
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_identity(user),
            )
        # Covers what a caller's `finally` cannot: an exception between this line and its `try`.
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """The id of the program's process, which is also the id of its session."""
        return self._process.pid

    def check_running(self) -> None:
        """Raise RuntimeError with the end of the log if the program has ended by itself."""
        code = self._process.poll()
        if code is not None:
            raise RuntimeError(f"{self.name} ended with code {code}:\n{self.log_tail()}")

    def wait(self, timeout: float) -> int:
        """Wait until the program has ended and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it runs longer than `timeout` seconds.
        """
        return self._process.wait(timeout)

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the program's output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def members(self) -> list[int]:
        """Return the ids of the session's living processes."""
        return [pid for pid in psutil.pids() if _session_of(pid) == self.pid and _is_alive(pid)]

    def interrupt(self) -> None:
        """Ask every process of the session to end, and do not wait: several sessions can end side by side."""
        if not self._interrupted:  # a second SIGTERM would break off an orderly end
            self._interrupted = True
            self._signal(signal.SIGTERM)

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """End the session: SIGTERM, `grace` seconds, SIGKILL until nobody is left. Safe to call twice."""
        atexit.unregister(self.stop)
        if self._ended:
            return
        self.interrupt()
        give_up = time.monotonic() + grace
        while self.members():
            if time.monotonic() > give_up:
                self._signal(signal.SIGKILL)
            self._process.poll()
            time.sleep(0.05)
        self._process.wait()
        self._ended = True

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.members():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def stop_all(sessions: Sequence[ProcessSession]) -> None:
    """End several sessions, letting them wind down side by side within one grace period."""
    for session in sessions:
        session.interrupt()
    give_up = time.monotonic() + GRACE_SECONDS
    for session in sessions:
        session.stop(grace=give_up - time.monotonic())


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, so that `finally` and atexit run as they do for Ctrl-C."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def poll_until(what: str, timeout: float, pause: float = 0.2) -> Iterator[None]:
    """Yield until the caller leaves its loop; raise TimeoutError once `timeout` seconds have passed.

    Args:
        what: what is waited for, as a sentence that can follow "in vain: ".
        timeout: in seconds.
        pause: between two looks, in seconds.
    """
    give_up = time.monotonic() + timeout
    while True:
        yield
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited {timeout:.0f} s in vain: {what}")
        time.sleep(pause)


def _identity(user: str | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:  # ended meanwhile, or not ours to ask
        return None


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
