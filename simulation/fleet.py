"""Workers that call an API again and again, each with a process's memory, on hosts that share only Variables.

A worker does what :class:`~airflow_provider_orgauth.client.token_source.TokenSource` does, with the provider's own
rules (:func:`~airflow_provider_orgauth.oauth.renewal.renew`, the lease, the random moments); only the waiting is
virtual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar
from urllib.parse import parse_qs

from airflow_provider_orgauth.client.early import Moments
from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import newest
from airflow_provider_orgauth.oauth.lease import Claimant
from airflow_provider_orgauth.oauth.renewal import is_usable, renew
from airflow_provider_orgauth.oauth.steps import (
    Lease,
    Load,
    Lock,
    Lost,
    Outcome,
    ReadLease,
    Save,
    Send,
    Step,
    TakeRefreshToken,
    Wait,
    WriteLease,
)
from airflow_provider_orgauth.oauth.token import Token
from simulation.server import Server
from simulation.virtual_time import Process, VirtualTime

T = TypeVar("T")
Doing = Generator[float, None, T]
Latency = Callable[[Random], float]

CLIENT = OAuthClient("https://api.example/oauth2/token", "id", "secret", grant_params_in="body")
LOCK_POLL = 0.1
LOST = Lost("no answer", reached_server=True)
MOMENTS = Moments()


@dataclass(frozen=True)
class Plan:
    """A fleet and its circumstances; all times are seconds.

    :param call_every: mean time between two calls of one worker.
    :param start_within: all workers start in this time.
    :param variable: how long a read or write of a Variable takes.
    :param token_request: how long a token request takes.
    :param clock_error: how wrong a host's clock is.
    :param loses: the probability that the answer to a token request never comes.
    :param lease_fails: the probability that the lease cannot be read, or that a write of it is no sure success.
    :param dies: the probability that a worker is killed at a step of a renewal; another takes its place.
    """

    hosts: int
    workers_per_host: int
    lifetime: float = 300.0
    margin: float = 30.0
    call_every: float = 30.0
    start_within: float = 0.0
    variable: Latency = lambda random: random.uniform(0.015, 0.05)
    token_request: Latency = lambda random: random.uniform(0.05, 0.3)
    clock_error: Latency = lambda _: 0.0
    lease_fails: float = 0.0
    dies: float = 0.0
    loses: float = 0.0
    refresh_kills_access: bool = True


@dataclass
class Result:
    """What happened."""

    counts: Counter[str] = field(default_factory=Counter)
    longest_wait: float = 0.0


class _Killed(Exception):
    """The worker is gone, in the middle of whatever it did."""


class Fleet:
    """Everything that the workers share, and the workers."""

    def __init__(self, plan: Plan, *, seed: int) -> None:
        self.plan = plan
        self.random = Random(seed)  # noqa: S311 - it has to be repeatable
        self.time = VirtualTime()
        self.server = Server(lifetime=plan.lifetime, refresh_kills_access=plan.refresh_kills_access)
        self.token: Token | None = None
        self.lease = Lease()
        self.result = Result()
        MOMENTS.forget()

    def run(self, seconds: float) -> Result:
        """Let the fleet work."""
        for _ in range(self.plan.hosts):
            host = Host(self.plan.clock_error(self.random))
            for _ in range(self.plan.workers_per_host):
                self.time.start(self._place(host), at=self.random.uniform(0, self.plan.start_within))
        self.time.run(seconds)
        return self.result

    def _place(self, host: Host) -> Process:
        """One worker after the other: who is killed is replaced."""
        while True:
            worker = Worker(self, host)
            try:
                yield from worker.work()
            except _Killed:
                self.result.counts["killed"] += 1
                host.holders.discard(worker.name)
            yield 1.0


class Host:
    """A machine: a clock, a lock that is released when its holder dies, and files."""

    def __init__(self, clock_error: float) -> None:
        self.clock_error = clock_error
        self.holders: set[str] = set()
        self.token: Token | None = None
        self.refresh: Token | None = None


class Worker:
    """One process."""

    _count = 0

    def __init__(self, fleet: Fleet, host: Host) -> None:
        Worker._count += 1
        self.name = f"worker {Worker._count}"
        self._fleet = fleet
        self._host = host
        self._memory: Token | None = None
        self._rejected: str | None = None
        self._claimant = Claimant(fleet.time.clock, fleet.random.uniform)

    def work(self) -> Process:
        """Call the API for ever."""
        fleet = self._fleet
        while True:
            asked = fleet.time.now
            token = yield from self._get_token()
            if token is not None and not fleet.server.accepts(token.access_token, fleet.time.now):
                fleet.result.counts["401"] += 1
                token = yield from self._get_token(rejected=token.access_token)
            fleet.result.longest_wait = max(fleet.result.longest_wait, fleet.time.now - asked)
            good = token is not None and fleet.server.accepts(token.access_token, fleet.time.now)
            fleet.result.counts["calls" if good else "failed calls"] += 1
            yield fleet.random.expovariate(1 / fleet.plan.call_every)

    def _clock(self) -> float:
        return self._fleet.time.now + self._host.clock_error

    def _about_moments(self) -> dict[str, Any]:
        return {"margin": self._fleet.plan.margin, "uniform": self._fleet.random.uniform}

    def _draw_moment(self, token: Token) -> None:
        MOMENTS.draw(self.name, token, now=self._clock(), **self._about_moments())

    def _is_good(self, token: Token) -> bool:
        return token.access_token != self._rejected and self._usable(token, None)

    def _usable(self, token: Token | None, rejected: str | None) -> bool:
        return is_usable(token, rejected=rejected, now=self._clock(), margin=self._fleet.plan.margin)

    def _get_token(self, *, rejected: str | None = None) -> Doing[Token | None]:
        self._rejected = rejected or self._rejected
        held = self._memory
        if held is None or not self._usable(held, rejected):
            return (yield from self._renew(rejected))
        if MOMENTS.has_come(self.name, held, now=self._clock(), **self._about_moments()):
            renewed = yield from self._renew(held=held)
            if renewed is not None:
                return renewed
            self._draw_moment(held)
        return held

    def _renew(self, rejected: str | None = None, *, held: Token | None = None) -> Doing[Token | None]:
        plan = self._fleet.plan
        rule = renew(
            CLIENT, margin=plan.margin, clock=self._clock, rejected=rejected, held=held, claimant=self._claimant
        )
        outcome: Outcome = None
        try:
            while True:
                step = rule.send(outcome)
                if plan.dies and self._fleet.random.random() < plan.dies:
                    raise _Killed
                outcome = yield from self._take(step)
        except StopIteration as done:
            if isinstance(done.value, Token):
                self._memory = done.value
                self._draw_moment(done.value)
                return done.value
            return None
        finally:
            self._host.holders.discard(self.name)

    def _take(self, step: Step) -> Doing[Outcome]:
        """Do what the rule asks for: half of the time passes before it takes effect, the rest after."""
        fleet = self._fleet
        match step:
            case Lock(wait):
                return (yield from self._lock(wait))
            case Wait(seconds):
                yield seconds
                return None
            case Send(request):
                before, after = (fleet.plan.token_request(fleet.random) for _ in range(2))
                sent_at = self._clock()
                yield before
                answer: Token | Refusal | Lost
                if request.grant_type == "refresh_token":
                    spent = parse_qs(request.body.decode())["refresh_token"][0]
                    answer = fleet.server.refresh(spent, sent_at=sent_at, now=fleet.time.now)
                else:
                    answer = fleet.server.grant(sent_at=sent_at, now=fleet.time.now)
                yield after
                return LOST if fleet.random.random() < fleet.plan.loses else answer
        before, after = (fleet.plan.variable(fleet.random) / 2 for _ in range(2))
        yield before
        found: Outcome = None
        fails = fleet.random.random() < fleet.plan.lease_fails
        match step:
            case Load():
                fleet.result.counts["cold reads" if self._memory is None else "warm reads"] += 1
                found = newest((fleet.token, self._host.token, self._memory), self._is_good)
            case Save(token):
                found = fleet.token
                if found is None or found.generation < token.generation:
                    fleet.result.counts["saved tokens"] += 1
                    self._host.refresh = token
                    fleet.token = self._host.token = found = token.without_refresh_token()
            case TakeRefreshToken(of):
                kept, self._host.refresh = self._host.refresh, None
                found = kept if kept is not None and kept.is_same(of) else None
            case ReadLease():
                fleet.result.counts["reads of the lease"] += 1
                found = None if fails else fleet.lease
            case WriteLease(lease):
                fleet.result.counts["writes of the lease"] += 1
                fleet.lease = lease
                found = None if fails else True
        yield after
        return found

    def _lock(self, wait: float) -> Doing[Outcome]:
        give_up = self._fleet.time.now + wait
        holders = self._host.holders
        while holders:
            if self._fleet.time.now >= give_up:
                return None
            yield LOCK_POLL
        holders.add(self.name)
        return True
