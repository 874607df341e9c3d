"""Hundreds of real processes on simulated hosts, started from one parent that has imported everything.

A host is a folder for temporary files: that is where the provider keeps the lock that the processes of a host share.
Processes on different hosts share Airflow's Variables and nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flights_process import Place, Report, work

PATIENCE = 120.0
"""Seconds for a command's reports: a hang is an error, not a long wait."""

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@dataclass(frozen=True)
class Size:
    """How many processes there are, and how they fare.

    Args:
        hosts: how many hosts to simulate.
        each: processes on each.
        latency: seconds between which each database statement takes on top.
        trace: a file in which every access to a Variable is noted.
    """

    hosts: int
    each: int
    latency: tuple[float, float] = (0.0, 0.0)
    trace: Path | None = None


class Crowd:
    """Living processes, each waiting for a command. Made by `crowd`."""

    def __init__(self) -> None:
        self.commands: dict[int, int] = {}
        """Process id to the pipe that it listens on."""
        self.reports, self._write_end = os.pipe()
        self._rest = b""

    def fork(self, place: Place) -> None:
        """Start one process."""
        listen, speak = os.pipe()
        # A signal in here would be handled in both processes, or in a callback of fork, where its exception is lost.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            _child(place, listen, self._write_end, [speak, self.reports, *self.commands.values()])
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(listen)
        self.commands[pid] = speak

    def tell(self, command: str) -> None:
        """Give every living process the same command, within a millisecond or two."""
        line = f"{command}\n".encode()
        for pipe in self.commands.values():
            os.write(pipe, line)

    def collect(self, meanwhile: Callable[[], None] = lambda: None, patience: float = PATIENCE) -> list[Report]:
        """Return a report from each living process; `meanwhile` is called about five times a second.

        Raises:
            TimeoutError: some said nothing for too long.
        """
        found: list[Report] = []
        give_up = time.monotonic() + patience
        while len(found) < len(self.commands):
            if select.select([self.reports], [], [], 0.2)[0]:
                *lines, self._rest = (self._rest + os.read(self.reports, 1 << 16)).split(b"\n")
                found += [Report(**json.loads(line)) for line in lines]
            meanwhile()
            if time.monotonic() > give_up:
                raise TimeoutError(f"only {len(found)} of {len(self.commands)} processes reported")
        return found

    def kill(self, pid: int) -> None:
        """End one process as the out-of-memory killer would."""
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(self.commands.pop(pid))

    def end(self) -> None:
        """End everybody, whatever they are doing."""
        for pid in list(self.commands):
            with contextlib.suppress(ProcessLookupError):
                self.kill(pid)
        os.close(self.reports)
        os.close(self._write_end)


@contextmanager
def crowd(root: Path, size: Size) -> Iterator[Crowd]:
    """Yield processes that are ready, and end them. `root` is an existing folder, for the hosts' own."""
    folders = [root / f"host{number}" for number in range(size.hosts)]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    people = Crowd()
    gc.collect()
    gc.freeze()  # else the children's collectors would copy the parent's memory
    try:
        for number in range(size.hosts * size.each):
            people.fork(Place(number, folders[number % size.hosts], size.latency, size.trace))
        people.collect()
        yield people
    finally:
        people.end()
        gc.unfreeze()


def _child(place: Place, listen: int, reports: int, others: list[int]) -> Any:
    code = 1
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        for pipe in others:
            os.close(pipe)
        work(place, listen, reports)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)  # the parent's exit handlers are the parent's
