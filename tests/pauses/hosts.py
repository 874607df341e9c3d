"""Hosts with processes on them, which share Variables and a server, and what came of their calls."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import stop_points
from host_process import Call, Place, Report, live
from shared_variables import SharedVariables, access_token_in
from shifted_clock import ShiftedClock

from airflow_provider_orgauth.cache.seal import UnreadableRecordError, seal_of
from airflow_provider_orgauth.emulator.handle import Emulator
from airflow_provider_orgauth.hooks.connection import read_connection
from airflow_provider_orgauth.oauth.client import OAuthClient

PATIENCE = 240.0
"""Seconds for an answer of a process: a hang is an error, not a long wait."""

STRICT = {
    "rotation": "new",
    "revoke_family": True,
    "refresh_lifetime": 3600,
    "token_answer": {"refresh_expires_in": 3600},
    "rate_limit": 0,
    "devices": 1,
}
"""The hardest server: a refresh token works once, and a second use ends every token of its family."""

_NEEDED = (
    "airflow_provider_orgauth.cache.store_choice",
    "airflow_provider_orgauth.client.api_errors",
    "airflow_provider_orgauth.client.session",
    "airflow_provider_orgauth.client.token_source",
    "airflow_provider_orgauth.hooks.connection",
    "airflow_provider_orgauth.hooks.masking",
    "airflow_provider_orgauth.hooks.orgauth",
    "cryptography.fernet",
    "airflow.sdk.execution_time.supervisor",  # Airflow 3 imports it for a connection; 2 has none, and nobody minds
)

# Each process is forked from one that has imported all this and has no threads: a fork of pytest's has neither.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(list(_NEEDED))
_starting = threading.Lock()


@dataclass
class Findings:
    """What came of a fleet's calls.

    :param spent: refresh tokens that were sent a second time.
    :param older_over_newer: how often a process put a token over one that was issued later.
    :param dead: how often a process was given a token that had run out.
    :param dead_again: how often it was given the same one once more.
    """

    calls: list[Call] = field(default_factory=list)
    token_requests: int = 0
    refreshes: int = 0
    spent: int = 0
    older_over_newer: int = 0
    dead: int = 0
    dead_again: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Call]:
        """The calls that failed."""
        return [call for call in self.calls if call.error]

    @property
    def longest(self) -> float:
        """Seconds of the slowest call."""
        return max((call.seconds for call in self.calls), default=0.0)

    def __str__(self) -> str:
        text = (
            f"{len(self.calls):4} calls, {len(self.failed)} failed, longest {self.longest:4.1f} s, "
            f"{self.token_requests} token requests ({self.refreshes} refreshes), {self.spent} spent ones, "
            f"{self.older_over_newer} older over newer, {self.dead} dead given ({self.dead_again} again)"
        )
        return text + "".join(f"\n    {error}" for error in sorted({call.error for call in self.failed})[:3])


class Person:
    """One process on a host."""

    def __init__(self, place: Place) -> None:
        self.host = place.host
        self._commands, theirs = multiprocessing.Pipe()
        with _starting:  # multiprocessing's list of children is no thing for two threads
            self._process: BaseProcess = _context.Process(target=live, args=(place, theirs), daemon=True)
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """Its id."""
        assert self._process.pid is not None
        return self._process.pid

    def tell(self, *command: Any) -> None:
        """Give a command."""
        self._commands.send(command)

    def answer(self) -> Any:
        """Return its next answer.

        :raises TimeoutError: it says nothing.
        """
        return _receive(self._commands)

    def call(self) -> None:
        """Let it make one call, and wait for the end of it."""
        self.tell("call")
        self.answer()

    def ask(self) -> None:
        """Let it ask for a token, and wait for the end of it."""
        self.tell("ask")
        self.answer()

    def report(self) -> Report:
        """Return what it did."""
        self.tell("report")
        return self.answer()

    def end(self) -> None:
        """Let it end."""
        self.tell("end")
        self._process.join(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._commands.close()


class Fleet:
    """The processes of a test, and their hosts. A context manager: leaving it ends them.

    :param root: an empty folder.
    :param hosts: how many.
    :param margin: seconds before expiry from which a token is not used.
    :param place: further fields of each process's :class:`Place`.
    """

    def __init__(self, root: Path, emulator: Emulator, *, hosts: int, margin: float = 2, **place: Any) -> None:
        self.root = root
        self.emulator = emulator
        self.people: list[Person] = []
        self.findings = Findings()
        self.variables = SharedVariables(root / "variables.db")
        self.hosts = [root / f"host{number}" for number in range(hosts)]
        for host in self.hosts:
            host.mkdir()
        self._margin = margin
        self._connection = self.connection()
        self._place = Place(self.hosts[0], root / "variables.db", self._connection, **place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for person in self.people:
            person.kill()

    def connection(self, **fields: Any) -> str:
        """Return the connection to the emulator in JSON, with fields of it that are other ones."""
        return json.dumps({**json.loads(self.emulator.connection_json(expiry_margin=self._margin)), **fields})

    def start(self, host: int, **place: Any) -> Person:
        """Start a process on a host, with fields of its :class:`Place` that are its own."""
        person = Person(replace(self._place, host=self.hosts[host], **place))
        self.people.append(person)
        return person

    def populate(self, each: int, **place: Any) -> None:
        """Start ``each`` processes on each host, and wait until all are ready."""
        started = [self.start(host, **place) for _ in range(each) for host in range(len(self.hosts))]
        for person in started:
            assert person.answer() == "ready"

    def task(self, host: int, *, clock: ShiftedClock | None = None, **place: Any) -> None:
        """Let a task make one call, in a process of its own that ends then."""
        person = self.start(host, **place)
        assert person.answer() == "ready"
        if clock is not None:
            person.tell("clock", clock)
        person.call()
        self._take(person.report())
        person.end()
        self.people.remove(person)

    def call(self) -> None:
        """Let all make one call at once, and wait for the last."""
        for person in self.people:
            person.tell("call")
        for person in self.people:
            person.answer()

    def loop(self, least: float, most: float) -> None:
        """Let all call again and again, with random pauses of so many seconds in between."""
        for person in self.people:
            person.tell("loop", least, most)

    def collect(self) -> Findings:
        """End the loops, and return what came of everything."""
        for person in self.people:
            person.tell("report")
        for person in self.people:
            self._take(person.answer())
        self._judge()
        return self.findings

    def stopped(self, patience: float) -> int | None:
        """Return the id of the process that has stopped at its point, or None after so many seconds."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            pid = stop_points.stopped(self.root)
            if pid is not None and _is_stopped(pid):
                return pid
            time.sleep(0.02)
        return None

    def stop_host_of(self, pid: int) -> None:
        """Stop all processes of that one's host."""
        for one in self._host_of(pid):
            os.kill(one, signal.SIGSTOP)

    def wake(self, pid: int) -> None:
        """Let a stopped process go on, and all of its host that are stopped."""
        for one in self._host_of(pid):
            os.kill(one, signal.SIGCONT)

    def _host_of(self, pid: int) -> list[int]:
        host = next(person.host for person in self.people if person.pid == pid)
        return [person.pid for person in self.people if person.host == host]

    def opened(self, sealed: str) -> str | None:
        """Return the access token in a text of the Variables, or None."""
        seal = seal_of(_client(self._connection))
        for key in {written.value for written in self.variables.history() if "_key_" in written.key}:
            with contextlib.suppress(UnreadableRecordError):
                return access_token_in(seal.with_key(key).open(sealed))
        return None

    def _take(self, report: Report) -> None:
        self.findings.calls += report.calls
        self.findings.warnings += report.warnings

    def _judge(self) -> None:
        stats, found = self.emulator.stats(), self.findings
        found.token_requests = stats["token_requests"]
        found.refreshes = stats["token_requests_by_grant"].get("refresh_token", 0)
        found.spent = stats["token_requests_by_outcome"].get("invalid_grant", 0)
        issued = self.emulator.issued()
        order = {token: number for number, (token, _) in enumerate(issued)}
        found.older_over_newer = self._older_over_newer(order)
        # The emulator lives by the wall clock, the calls by the monotonic one; no process here moves either.
        wall = time.time() - time.monotonic()
        ends = {token: end - wall for token, end in issued}
        dead = [(call.process, call.token) for call in found.calls if call.given > ends.get(call.token, float("inf"))]
        found.dead, found.dead_again = len(dead), len(dead) - len(set(dead))

    def _older_over_newer(self, order: Mapping[str, int]) -> int:
        newest: dict[str, int] = {}
        found = 0
        for written in self.variables.history():
            token = self.opened(written.value) if "shared" in written.key and written.task else None
            if token is None:
                continue
            found += order[token] < newest.get(written.key, -1)
            newest[written.key] = max(order[token], newest.get(written.key, -1))
        return found


def _receive(pipe: Connection) -> Any:
    if not pipe.poll(PATIENCE):
        raise TimeoutError("a process says nothing")
    return pipe.recv()


def _is_stopped(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False


def _client(connection: str) -> OAuthClient:
    fields = json.loads(connection)
    # All that is read of Airflow's Connection, without the seconds that an import of it takes.
    return read_connection(SimpleNamespace(**{**fields, "extra": json.dumps(fields["extra"])})).client
