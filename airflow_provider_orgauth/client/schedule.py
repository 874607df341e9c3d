"""When the next request may be sent: GCRA, the "generic cell rate algorithm" of ITU-T I.371, in memory or in a file.

All that is kept is one number, the theoretical arrival time: when the next request would come if all came evenly.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import struct
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.private_folder import private_folder

MAX_AHEAD_SECONDS = 120.0
MAX_WAITING = 4096
"""Seconds, or requests, that may be waiting. A schedule with more is damaged: no host has so many threads."""

LONGEST_LOCK_SECONDS = 1.0
"""Seconds after which a process that still holds the lock, for what takes microseconds, counts as suspended."""

_RECORD = struct.Struct("<d16s")


@dataclass(frozen=True, slots=True)
class Gcra:
    """How fast requests may follow each other.

    :param interval: seconds between two, on average.
    :param burst: how many may come at once after a rest.
    """

    interval: float
    burst: float

    @classmethod
    def of(cls, per_minute: float) -> Gcra:
        """Return a pace at which no minute has more than ``per_minute`` requests, with bursts of a second's worth."""
        burst = max(1.0, math.floor(per_minute / 60))
        return cls(60 / (per_minute - burst + 1), burst)

    def reserve(self, arrival: float, now: float) -> tuple[float, float]:
        """Reserve the time of the next request.

        :param arrival: the theoretical arrival time; one that is too far ahead to be true is ignored.
        :return: the next arrival time, and the seconds to wait.
        """
        most_ahead = max(MAX_AHEAD_SECONDS, MAX_WAITING * self.interval)
        if not arrival - now <= most_ahead:  # NaN is not, either
            arrival = now
        arrival = max(arrival, now)
        wait = arrival - (self.burst - 1) * self.interval - now
        return arrival + self.interval, max(0.0, wait)


class MemorySchedule:
    """A schedule for the threads of one process."""

    def __init__(self) -> None:
        self._arrival = -math.inf
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep the schedule; it is no longer the parent's."""
        self._lock = threading.RLock()  # reentrant: a signal handler may send a request, too

    def reserve(self, gcra: Gcra, now: float) -> float:
        """Return the seconds to wait, from ``now``, before sending."""
        with self._lock:
            self._arrival, wait = gcra.reserve(self._arrival, now)
            return wait


class HostSchedule:
    """A schedule for all processes of one user and host, in a file of 24 bytes.

    The file is opened again each time: so its lock holds between threads, too, and a file that was deleted is written
    again. It is locked while it is read and written, and never during a wait.

    :param name: of the file.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def reserve(self, gcra: Gcra, now: float) -> float:
        """Return the seconds to wait, from ``now``, before sending.

        :param now: a time that is the same in all processes, such as :func:`time.monotonic`; a boot may set it back.
        :raises OSError: there can be no such file, or it stays locked.
        """
        path = _path(self._name)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _lock(file, path)
            arrival, wait = gcra.reserve(_arrival(os.pread(file, _RECORD.size, 0)), now)
            os.pwrite(file, _RECORD.pack(arrival, _boot()), 0)
            return wait
        finally:
            with contextlib.suppress(OSError):  # a file system without locks
                # Not with the file: a child that was forked just now has it open as well.
                fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)


def _path(name: str) -> Path:
    return private_folder() / f"{name}.rate"


def _lock(file: int, path: Path) -> None:
    """Lock the file. If that takes too long, it is deleted: the next request makes a new one, without the lock.

    :raises OSError: the file system has no locks, or another process has it.
    """
    end = time.monotonic() + LONGEST_LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                with contextlib.suppress(OSError):
                    if os.path.samestat(os.fstat(file), path.lstat()):
                        path.unlink()
                raise
            time.sleep(0.001)
        else:
            return


def _arrival(record: bytes) -> float:
    if len(record) != _RECORD.size:
        return -math.inf
    arrival, boot = _RECORD.unpack(record)
    return arrival if boot == _boot() else -math.inf


@cache
def _boot() -> bytes:
    """Return the id of this boot of the machine, on Linux: the clock begins again with each."""
    try:
        return bytes.fromhex(Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", ""))[:16]
    except (OSError, ValueError):
        return bytes(16)
