"""Variables that processes on several hosts share, on any Airflow: a database file that stands for Airflow's.

Plain processes have Variables on Airflow 2.11 only; here they have them everywhere, with the same texts. Besides, the
file remembers each text that was ever written, and can be out of reach, and a text can land in it a second time.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shifted_clock import from_boot

from airflow_provider_orgauth.cache.variable_text import UndecryptedVariableError

_TABLES = """
CREATE TABLE IF NOT EXISTS variable (key TEXT PRIMARY KEY, value TEXT, fernet_key TEXT);
CREATE TABLE IF NOT EXISTS written (at REAL, key TEXT, value TEXT, fernet_key TEXT, task INTEGER);
"""


@dataclass(frozen=True)
class Written:
    """A text that was put into a Variable, at a second of the monotonic clock, which all processes here share.

    :param task: False where the test put it there.
    """

    at: float
    key: str
    value: str
    fernet_key: str
    task: bool


class SharedVariables:
    """Has the methods of Airflow's ``Variable`` that the provider calls.

    :param path: the database file.
    :param fernet_keys: what texts are encrypted with (the first) and can be read with (each): as a worker of Airflow
        2.11 that lacks the key, a process finds no value where it cannot decrypt it.
    :param lag: seconds by which a read may be old, at random, as from a replica or a secrets backend's cache.
    :param lost: the part of the writes that are carried out and whose answer is lost.
    :param before_write: called with the Variable's name before a process writes.
    """

    def __init__(
        self,
        path: Path,
        *,
        fernet_keys: tuple[str, ...] = ("",),
        lag: float = 0.0,
        lost: float = 0.0,
        before_write: Callable[[str], None] | None = None,
    ) -> None:
        self._path = path
        self._away = path.with_suffix(".away")
        self._fernet_keys = fernet_keys
        self._lag = lag
        self._lost = lost
        self._before_write = before_write
        with self._database() as database:
            database.executescript(_TABLES)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value, or ``default``.

        :raises UndecryptedVariableError: it was encrypted with another key, as the provider finds on Airflow 2.11.
        """
        self._reach(writes=False)
        with self._database() as database:
            row = database.execute(*self._query(key)).fetchone()
        if row is None:
            return default
        if row[1] not in self._fernet_keys:
            raise UndecryptedVariableError
        return row[0]

    def _query(self, key: str) -> tuple[str, tuple[object, ...]]:
        if not self._lag:
            return "SELECT value, fernet_key FROM variable WHERE key = ?", (key,)
        then = from_boot() - random.uniform(0, self._lag)
        text = "SELECT value, fernet_key FROM written WHERE key = ? AND at <= ? ORDER BY rowid DESC LIMIT 1"
        return text, (key, then)

    def set(self, key: str, value: str, description: str | None = None) -> None:
        """Put ``value`` there."""
        if self._before_write is not None:
            self._before_write(key)
        self._reach(writes=True)
        self._put(key, value, self._fernet_keys[0], task=True)
        if random.random() < self._lost:
            raise ConnectionError("the answer is lost")

    def delete(self, key: str) -> None:
        """Take the Variable away."""
        self._reach(writes=True)
        with self._database() as database:
            database.execute("DELETE FROM variable WHERE key = ?", (key,))

    def land_again(self, written: Written) -> None:
        """Put a text there that was there before, as a write that was sent a second time does."""
        self._put(written.key, written.value, written.fernet_key, task=False)

    def history(self) -> list[Written]:
        """Return every text that was ever put there, in the order in which they came."""
        with self._database() as database:
            rows = database.execute("SELECT at, key, value, fernet_key, task FROM written ORDER BY rowid").fetchall()
        return [Written(at, key, value, fernet_key, bool(task)) for at, key, value, fernet_key, task in rows]

    @contextmanager
    def out_of_reach(self, *, writes_only: bool = False, after: float = 0.0) -> Iterator[None]:
        """Let every read and write of a process fail, or every write, each after so many seconds."""
        away = self._away.with_suffix(".soon")
        away.write_text(f"{writes_only:d} {after}")
        away.rename(self._away)
        try:
            yield
        finally:
            self._away.unlink()

    def _reach(self, *, writes: bool) -> None:
        with suppress(FileNotFoundError):
            writes_only, after = self._away.read_text().split()
            if writes or writes_only == "0":
                time.sleep(float(after))
                raise ConnectionError("the Variables are out of reach")

    def _put(self, key: str, value: str, fernet_key: str, *, task: bool) -> None:
        with self._database() as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT OR REPLACE INTO variable VALUES (?, ?, ?)", (key, value, fernet_key))
            row = (from_boot(), key, value, fernet_key, task)
            database.execute("INSERT INTO written VALUES (?, ?, ?, ?, ?)", row)
            database.execute("COMMIT")

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        # One for each use, as it is made in a forked child; nobody needs it to survive a crash of the machine.
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")
            yield database


def access_token_in(opened: str | None) -> str | None:
    """Return the access token of a token record whose seal was opened; None where it did not open."""
    return None if opened is None else str(json.loads(opened)["access_token"])
