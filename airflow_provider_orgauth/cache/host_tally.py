"""How many API requests the processes of one host sent for a client: a file for each hour, a byte for each request.

Bytes that are appended need no lock: none is lost, however many processes write. Whoever tells the numbers appends a
mark, and takes what stands between it and the mark before: of those who tell at once, each byte has one teller.

It is for people. What cannot be written is not counted, and no method raises.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from weakref import WeakValueDictionary

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.cache.token_state import MAX_HOURS, Hour
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.private_folder import private_folder

log = logging.getLogger(__name__)

SENT, TOO_MANY, WAITED = b".", b"!", b"w"
"""A request that was sent; one that was answered 429; one that waited because of a limit, the server's or our own."""

MAX_FILE_BYTES = 1024 * 1024
"""Bytes of an hour's file, about: what is sent beyond is not counted."""

_TOLD = b"|"
_LOOK_EVERY = 1024
"""Bytes that a process writes before it looks how large the file is."""

_OPEN = os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # or the open of a pipe would wait for its reader

_tallies: WeakValueDictionary[str, HostTally] = WeakValueDictionary()


def tally_of(client: OAuthClient) -> HostTally | None:
    """Return the tally of ``client``, one for all hooks of this process; None where no file can be shared."""
    try:
        private_folder()
    except OSError:
        return None
    new = HostTally(client.name)
    return _tallies.setdefault(client.name, new)


class HostTally:
    """Counts requests in the files whose names begin with ``name``.

    Times are epoch seconds.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Open a file of its own: who forks may close what it knows nothing of."""
        self._current = _HourFile(None, -1)

    def add(self, sort: bytes, now: float) -> None:
        """Count one request: ``SENT``, ``TOO_MANY`` or ``WAITED``."""
        # One look at the attribute: another thread may put the next hour's there meanwhile.
        current = self._current
        if not current.begin <= now < current.end:
            current = self._current = self._file_of(int(now // 3600))
        if current.file is None:
            return
        try:
            os.write(current.file, sort)
            current.left -= 1
            if current.left <= 0:
                current.left = _LOOK_EVERY
                if os.fstat(current.file).st_size >= MAX_FILE_BYTES:
                    self._current = _HourFile(None, current.hour)
        except OSError as error:  # no room, for example: it would be so for the next one, too
            self._go_on_without(error)
            self._current = _HourFile(None, current.hour)

    def take(self, now: float) -> list[Hour]:
        """Return what was counted since it was last taken; the next one who takes does not get it again."""
        return list(self._hours(int(now // 3600), is_taken=True))

    def give_back(self, hours: Iterable[Hour]) -> None:
        """Let the next one who takes have what was taken and could not be told."""
        for hour in hours:
            sent = SENT * (hour.api_requests - hour.api_too_many)
            try:
                file = _opened(self._path(private_folder(), hour.hour), os.O_WRONLY | os.O_CREAT)
                try:
                    os.write(file, sent + TOO_MANY * hour.api_too_many + WAITED * hour.api_waits)
                finally:
                    os.close(file)
            except OSError as error:
                self._go_on_without(error)

    def look(self, now: float) -> list[Hour]:
        """Return what the next one who takes would get."""
        return list(self._hours(int(now // 3600), is_taken=False))

    def _file_of(self, hour: int) -> _HourFile:
        try:
            folder = private_folder()
            self._sweep(folder, hour)  # here, too: a host that never renews a token never takes
            return _HourFile(_opened(self._path(folder, hour), os.O_WRONLY | os.O_CREAT), hour)
        except OSError as error:
            self._go_on_without(error)
            return _HourFile(None, hour)

    def _hours(self, this: int, *, is_taken: bool) -> Iterator[Hour]:
        try:
            folder = private_folder()
            if is_taken:
                self._sweep(folder, this)
        except OSError as error:
            self._go_on_without(error)
            return
        # By their names: to list the folder for each of a thousand clients takes seconds.
        for hour in range(this - MAX_HOURS + 1, this + 1):
            path = self._path(folder, hour)
            try:
                counted = _counted(path, is_taken=is_taken)
                if is_taken and hour < this:  # whoever sends now writes to the next one
                    path.unlink(missing_ok=True)
            except FileNotFoundError:  # or another one has just taken it
                continue
            except OSError as error:
                self._go_on_without(error)
                continue
            if any(counted):
                sent, too_many, waited = counted
                yield Hour(hour=hour, api_requests=sent + too_many, api_too_many=too_many, api_waits=waited)

    def _sweep(self, folder: Path, this: int) -> None:
        for hour, path in self._files(folder):
            # The next hour's is left: who read the clock a moment later is writing to it already, or the clock was
            # set back a little.
            if not this - MAX_HOURS < hour <= this + 1:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _path(self, folder: Path, hour: int) -> Path:
        return folder / f"{self._name}.{hour}.calls"

    def _files(self, folder: Path) -> Iterator[tuple[int, Path]]:
        for path in folder.glob(f"{self._name}.*.calls"):
            hour = path.name.removeprefix(f"{self._name}.").removesuffix(".calls")
            if hour.isascii() and hour.isdigit() and len(hour) <= 12:
                yield int(hour), path

    def _go_on_without(self, error: OSError) -> None:
        log.debug("API requests are not counted here (%s); going on without.", type(error).__name__)


class _HourFile:
    """The file of one hour, open for as long as somebody has it in hand."""

    __slots__ = ("begin", "end", "file", "hour", "left")

    def __init__(self, file: int | None, hour: int) -> None:
        self.file = file
        self.hour = hour
        self.begin, self.end = hour * 3600.0, (hour + 1) * 3600.0
        self.left = 0

    def __del__(self) -> None:
        if self.file is not None:
            with contextlib.suppress(OSError):
                os.close(self.file)


def _opened(path: Path, flags: int) -> int:
    """Open a file that is this user's own.

    :raises OSError: it cannot be opened, or is another thing.
    """
    file = os.open(path, flags | _OPEN, 0o600)
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
        os.close(file)
        raise PermissionError("it is not a file that was written here")
    return file


def _counted(path: Path, *, is_taken: bool) -> tuple[int, int, int]:
    """Return how many of each sort stand behind the last mark.

    :raises OSError: the file cannot be read, or not be marked.
    """
    file = _opened(path, os.O_RDWR)
    try:
        if is_taken:
            os.write(file, _TOLD)
            end = os.lseek(file, 0, os.SEEK_CUR) - len(_TOLD)  # where the mark came to stand
        else:
            end = os.fstat(file).st_size
        most = 2 * MAX_FILE_BYTES
        text = os.pread(file, min(end, most), max(0, end - most))
    finally:
        os.close(file)
    fresh = text[text.rfind(_TOLD) + 1 :]
    return fresh.count(SENT), fresh.count(TOO_MANY), fresh.count(WAITED)
