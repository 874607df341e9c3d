"""The situations in which many processes need a token at one moment, and what came of each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flights_airflow import forget_tokens, put_connection
from flights_crowd import Size, crowd
from flights_process import Report
from flights_server import Server


@dataclass
class Outcome:
    """What several runs of one situation came to."""

    token_requests: list[int] = field(default_factory=list)
    """One number for each run or lifetime."""
    first: list[float] = field(default_factory=list)
    """Seconds until the first process had its answer, in each run."""
    last: list[float] = field(default_factory=list)
    """Seconds of the slowest call of each run; where a process is killed, counted from its death."""
    failed: int = 0
    refreshes: int = 0
    """How many of all token requests sent a refresh token."""
    revoked: int = 0
    """How many of these sent one that was spent, which revokes its family."""
    calls: int = 0
    remarks: list[str] = field(default_factory=list)

    def add_counts(self, server: Server) -> None:
        """Take in what a server counted from its start to its end."""
        self.refreshes += server.refreshed()
        self.revoked += server.replayed()

    def add(self, reports: list[Report]) -> None:
        """Take in what the processes said."""
        self.calls += sum(report.calls for report in reports)
        self.failed += sum(report.failed for report in reports)
        self.last.append(max(report.longest for report in reports))
        if all(report.calls == 1 for report in reports):
            self.first.append(min(report.longest for report in reports))
        self.remarks += sorted({report.error for report in reports if report.error})[:3]
        self.remarks += sorted({text for report in reports for text in report.warnings})[:3]


def cold(root: Path, size: Size, runs: int) -> Outcome:
    """Nobody has a token; all make one call. Fresh processes for each run."""
    outcome = Outcome()
    with _server(root, lifetime=300, margin=30) as server:
        for _ in range(runs):
            forget_tokens()
            before = server.look()
            with crowd(root, size) as people:
                people.tell("call")
                outcome.add(people.collect())
            outcome.token_requests.append(server.look() - before)
        outcome.add_counts(server)
    return outcome


def asleep(root: Path, size: Size, runs: int) -> Outcome:
    """All hold the same token, sleep until it is dead, and wake together: as many times as there are runs."""
    outcome, lifetime = Outcome(), 15
    with _server(root, lifetime=lifetime, margin=2) as server:
        forget_tokens()
        with crowd(root, size) as people:
            for run in range(runs + 1):
                before = server.look()
                people.tell("call")
                reports = people.collect(server.look)
                if run:  # the first is the cold one
                    outcome.add(reports)
                    outcome.token_requests.append(server.look() - before)
                time.sleep(max(0.0, server.asked[-1] + lifetime + 0.5 - time.time()))
        outcome.add_counts(server)
    return outcome


def awake(root: Path, size: Size, lifetimes: int) -> Outcome:
    """All hold the same token and use it every 0.3 to 1 seconds while it lives and while it is renewed."""
    outcome, lifetime = Outcome(), 20
    with _server(root, lifetime=lifetime, margin=2) as server:
        forget_tokens()
        with crowd(root, size) as people:
            people.tell("call")
            people.collect(server.look)
            seconds = lifetimes * 0.88 * lifetime
            people.tell(f"loop {seconds} 0.3 1")
            outcome.add(people.collect(server.look, patience=seconds + 60))
        outcome.add_counts(server)
        outcome.token_requests = _waves(server.asked, lifetime / 2)[1:]
    return outcome


def _waves(times: list[float], gap: float) -> list[int]:
    """Return how many token requests came together: requests further than `gap` apart are for different lifetimes."""
    waves: list[int] = []
    last = float("-inf")
    for moment in times:
        if moment - last > gap:
            waves.append(0)
        waves[-1] += 1
        last = moment
    return waves


def killed(root: Path, size: Size, runs: int, *, held: bool, kind: str) -> Outcome:
    """The process that renews is killed while it waits for the answer, which the server has already spent a token on.

    Args:
        root: a folder.
        size: of the crowd.
        runs: how often.
        held: all held a token that has run out (so a refresh token is lost with the victim); else nobody has one.
        kind: how the answer is late: `slow` (none of it has come) or `stall` (half of it has).
    """
    outcome, lifetime = Outcome(), 15
    for _ in range(runs):
        forget_tokens()
        with _server(root, lifetime=lifetime, margin=2) as server, crowd(root, size) as people:
            if held:
                people.tell("call")
                people.collect(server.look)
                time.sleep(max(0.0, server.asked[-1] + lifetime + 0.5 - time.time()))
            before = server.look()
            server.delay_token(kind, 20)
            people.tell("call")
            while server.look() == before:
                time.sleep(0.02)
            victims = [pid for pid in server.callers() if pid in people.commands]
            people.kill(victims[0])
            dead = time.time()
            outcome.remarks += [f"{len(victims)} processes were renewing"] if len(victims) > 1 else []
            reports = people.collect(server.look)
            for report in reports:
                report.longest = report.ended - dead
            outcome.add(reports)
            outcome.token_requests.append(server.look() - before)
            outcome.add_counts(server)
    return outcome


@contextmanager
def _server(root: Path, *, lifetime: int, margin: int) -> Iterator[Server]:
    with Server(root / "server.log", lifetime=lifetime) as server:
        put_connection(server.connection(), expiry_margin=margin)
        yield server
    (root / "server.log").unlink()
