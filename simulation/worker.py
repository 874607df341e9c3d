"""One process that calls an API.

It does what :class:`~airflow_provider_orgauth.client.token_source.TokenSource` does, with the provider's own rules
(:func:`~airflow_provider_orgauth.oauth.renewal.renew`, the lease, the random moments); only the waiting is virtual.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import replace
from email.utils import formatdate
from itertools import count
from typing import Any, TypeVar
from urllib.parse import parse_qs

from airflow_provider_orgauth.cache.shared_name import shared_name
from airflow_provider_orgauth.client.renew_ahead import RenewalMoments
from airflow_provider_orgauth.client.server_clock import ServerClock
from airflow_provider_orgauth.client.signing import time_of_refusal
from airflow_provider_orgauth.client.token_source import MAX_REPLAYS
from airflow_provider_orgauth.oauth.answers import Reason, Refusal
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
from simulation.host import EPOCH, Host
from simulation.server import order_of
from simulation.variable import Sealed
from simulation.world import World

T = TypeVar("T")
Doing = Generator[float, None, T]

LOCK_POLL = 0.1
LOST = Lost("no answer", reached_server=True)
MOMENTS = RenewalMoments()

_numbers = count(1)


class Killed(Exception):
    """The worker is gone, in the middle of whatever it did."""


class Worker:
    """One process."""

    def __init__(self, world: World, host: Host, client: OAuthClient) -> None:
        self.name = f"worker {next(_numbers)}"
        self._world = world
        self._host = host
        self._client = client
        self._name = shared_name(client)
        self._variables = world.shared_by(client)
        self._memory: Token | None = None
        self._asked_for: str | None = None
        self._rejected: deque[str] = deque(maxlen=8)
        self._older_are_dead = -1
        self._seen: Lease | None = None
        self._claim: Lease | None = None
        self._turn_since = 0.0
        self._clock = ServerClock(host.clock, boot=host.timer, file=host.correction)
        self._claimant = Claimant(host.timer, world.random.uniform)

    def call(self) -> Doing[None]:
        """Call the API once."""
        world = self._world
        asked = world.time.now
        token = yield from self._get_token()
        replays = 0
        while token is not None and not self._accepts(token) and self._may_replay(token, replays):
            world.result.counts["401"] += 1
            if self._client.api_origin is None:  # else the 401 is another server's
                self._clock.learn(EPOCH + int(world.time.now), took=0.0)
            token = yield from self._get_token(rejected=token.access_token)
            replays += 1
        world.result.longest_wait = max(world.result.longest_wait, world.time.now - asked)
        good = token is not None and self._accepts(token)
        world.result.counts["calls" if good else "failed calls"] += 1

    def _accepts(self, token: Token) -> bool:
        return self._world.server.accepts(token.access_token, self._world.time.now)

    def _may_replay(self, rejected: Token, replays: int) -> bool:
        """Tell whether to send it again: once; and more often with tokens that others left, which may be dead, too."""
        return replays == 0 or (replays < MAX_REPLAYS and rejected.access_token != self._asked_for)

    def _about_moments(self) -> dict[str, Any]:
        return {"margin": self._world.plan.margin, "uniform": self._world.random.uniform}

    def _draw_moment(self, token: Token) -> None:
        MOMENTS.draw(self.name, token, now=self._clock.now(), **self._about_moments())

    def _usable(self, token: Token | None, rejected: str | None) -> bool:
        return is_usable(token, rejected=rejected, now=self._clock.now(), margin=self._world.plan.margin)

    def _get_token(self, *, rejected: str | None = None) -> Doing[Token | None]:
        if rejected is not None:
            self._note(rejected)
        held = self._memory
        if held is None or not self._usable(held, rejected):
            return (yield from self._renew(rejected))
        if MOMENTS.has_come(self.name, held, now=self._clock.now(), **self._about_moments()):
            renewed = yield from self._renew(held=held)
            if renewed is not None:
                return renewed
            self._draw_moment(held)
        return held if self._usable(held, rejected) else (yield from self._renew(rejected))

    def _note(self, rejected: str) -> None:
        self._rejected.append(rejected)
        if self._memory is not None and self._memory.access_token == rejected:
            self._older_are_dead = self._memory.generation

    def _renew(self, rejected: str | None = None, *, held: Token | None = None) -> Doing[Token | None]:
        self._clock.reread()
        rule = renew(
            self._client,
            margin=self._world.plan.margin,
            clock=self._clock,
            rejected=rejected,
            older_are_dead=self._older_are_dead,
            held=held,
            claimant=self._claimant,
        )
        outcome: Outcome = None
        self._claim, self._turn_since = None, self._world.time.now
        try:
            while True:
                step = rule.send(outcome)
                if self._world.happens(self._world.plan.dies):
                    raise Killed
                outcome = yield from self._take(step)
        except StopIteration as done:
            if isinstance(done.value, Token):
                self._memory = done.value
                self._draw_moment(done.value)
                self._look_at(done.value)
                return done.value
            return None
        finally:
            self._host.holders.discard(self.name)

    def _look_at(self, handed_out: Token) -> None:
        """Count a token that should not have come out of a renewal, as nobody in the fleet could know it."""
        server, now = self._world.server, self._world.time.now
        if not server.has_run_out(handed_out, now):
            return
        shared = (sealed.opened(self._client.fingerprint) for sealed in self._variables.token.written)
        worth_finding = now + self._world.plan.margin
        if any(token and not server.has_run_out(token, worth_finding) for token in shared):
            self._world.result.counts["dead handed out"] += 1

    def _standing(self, at: float) -> Token | None:
        """Return the token in the Variable, if it is one that this worker can open."""
        return self._opened(self._variables.token.read(at))

    def _sealed(self, token: Token) -> Sealed:
        return Sealed(self._client.fingerprint, token)

    def _opened(self, sealed: Sealed | None) -> Token | None:
        return sealed.opened(self._client.fingerprint) if sealed else None

    def _pause(self, step: Step) -> Doing[None]:
        """Be stopped for a while, if it happens: by SIGSTOP, or with the host, or with the machine and its clocks."""
        plan = self._world.plan
        if not self._world.happens(plan.pauses):
            return
        self._world.result.counts["pauses"] += 1
        seconds = plan.pause(self._world.random)
        if plan.stops != "process":
            self._host.stop(seconds, clocks=plan.stops == "machine")
        yield seconds

    def _take(self, step: Step) -> Doing[Outcome]:
        """Do what the rule asks for: half of the time passes before it takes effect, the rest after."""
        yield from self._pause(step)
        outcome = yield from self._let_happen(step)
        yield from self._pause(step)
        return outcome

    def _let_happen(self, step: Step) -> Doing[Outcome]:
        match step:
            case Lock(wait):
                return (yield from self._lock(wait))
            case Send():
                return (yield from self._send(step))
            case Load():
                return (yield from self._load())
            case Save(token):
                return (yield from self._save(token, step))
            case TakeRefreshToken(of):
                return self._take_refresh_token(of)
            case ReadLease():
                return (yield from self._read_lease())
            case WriteLease(lease):
                return (yield from self._write_lease(lease))
            case Wait(seconds):
                yield seconds
        return None

    def _send(self, step: Send) -> Doing[Outcome]:
        world = self._world
        before, after = (world.plan.token_request(world.random) for _ in range(2))
        began = self._clock.reading()
        body = step.request(self._clock.now()).body
        yield before
        answer = self._answer(body)
        again_at = time_of_refusal(answer, self._clock, took=self._clock.since(began)) if step.repeatable else None
        if again_at is not None:
            yield after
            began, body = self._clock.reading(), step.request(again_at).body
            yield before
            answer = self._answer(body)
        date = EPOCH + int(world.time.now)
        if isinstance(answer, Token):
            world.turns[answer.access_token] = self._turn_since
            self._asked_for = answer.access_token
        yield from self._pause(step)
        yield after
        if world.happens(world.plan.loses):
            return LOST
        if isinstance(answer, Token):
            took = self._clock.since(began)
            self._clock.learn(date, took=took)
            return replace(answer, issued_at=self._clock.now() - took)
        return answer

    def _answer(self, body: bytes) -> Token | Refusal:
        server, now = self._world.server, self._world.time.now
        if not self._world.assertions.are_good(body, now=EPOCH + now):
            self._world.result.counts["refused assertions"] += 1
            date = formatdate(EPOCH + now, usegmt=True)
            return Refusal(Reason.INVALID_CLIENT, 401, "it came before, or is not valid now", headers={"date": date})
        spent = parse_qs(body.decode()).get("refresh_token")
        return server.refresh(spent[0], now=now) if spent else server.grant(now=now)

    def _half(self) -> float:
        return self._world.plan.variable(self._world.random) / 2

    def _stale(self) -> float:
        """Return the moment of which a read tells."""
        world = self._world
        return world.time.now - self._host.stale - world.plan.stale(world.random)

    def _is_good(self, token: Token) -> bool:
        return token.access_token not in self._rejected and self._usable(token, None)

    def _load(self) -> Doing[Token | None]:
        counts = self._world.result.counts
        counts["cold reads" if self._memory is None else "warm reads"] += 1
        yield self._half()
        self._clock.reread()
        shared, kept = self._look()
        if shared is not None:
            self._host.keep(self._name, self._sealed(shared))
            self._host.shared.add(self._name)
        yield self._half()
        return newest((shared, kept, self._memory), self._is_good)

    def _shared(self) -> Token | None:
        return None if self._world.are_variables_away() else self._standing(self._stale())

    def _look(self) -> tuple[Token | None, Token | None]:
        """Return the token of all hosts, and this host's, unless somebody has deleted it."""
        shared = self._shared()
        if shared is None and self._name in self._host.shared and not self._world.are_variables_away():
            self._host.kept.pop(self._name, None)
        return shared, self._opened(self._host.kept.get(self._name))

    def _save(self, token: Token, step: Step) -> Doing[Token]:
        yield self._half()
        others = newest(self._look(), lambda _: True)
        looked_at = self._world.time.now
        yield from self._pause(step)
        yield self._half()
        if others is not None and others.generation >= token.generation and not others.is_same(token):
            return others
        self._host.refresh_tokens[self._name] = self._sealed(token)
        self._host.shared.discard(self._name)
        if not self._world.are_variables_away():
            self._write_token(token, looked_at)
            self._host.shared.add(self._name)
        self._host.keep(self._name, self._sealed(token))
        return token.without_refresh_token()

    def _write_token(self, token: Token, looked_at: float) -> None:
        counts = self._world.result.counts
        counts["saved tokens"] += 1
        stood = self._standing(looked_at) or token
        stands = self._standing(self._world.time.now) or token
        if order_of(stood) > order_of(token):
            counts[self._how_the_older_came_later(stood, token)] += 1
        elif order_of(stands) > order_of(token):
            counts["older over newer between look and write"] += 1
        self._world.write(self._variables.token, self._sealed(token.without_refresh_token()))

    def _how_the_older_came_later(self, stood: Token, token: Token) -> str:
        turns = self._world.turns
        if turns[stood.access_token] < turns[token.access_token]:
            return "older over one asked for late"  # in an earlier turn, by somebody who was paused before asking
        if stood.generation < token.generation and self._world.result.counts["claims unseen"]:
            return "older over newer after an unseen claim"
        return "older over newer"

    def _take_refresh_token(self, of: Token) -> Token | None:
        taken = self._opened(self._host.refresh_tokens.pop(self._name, None))
        return taken if taken is not None and taken.is_same(of) else None

    def _read_lease(self) -> Doing[Lease | None]:
        self._world.result.counts["reads of the lease"] += 1
        yield self._half()
        fails = self._world.happens(self._world.plan.lease_fails) or self._world.are_variables_away()
        found = self._variables.lease.read(self._stale())
        self._seen = found
        if found is None or found != self._claim:
            self._turn_since = self._world.time.now
        yield self._half()
        if fails:
            return None
        return found or Lease()

    def _write_lease(self, lease: Lease) -> Doing[Outcome]:
        self._world.result.counts["writes of the lease"] += 1
        yield self._half()
        away = self._world.are_variables_away()
        if not away:
            stands = self._variables.lease.read(self._world.time.now)
            if lease.holder is not None and stands and stands.holder and stands != self._seen:
                self._world.result.counts["claims unseen"] += 1
            self._world.write(self._variables.lease, lease)
            if lease.holder is not None:
                self._claim, self._turn_since = lease, self._world.time.now
        fails = self._world.happens(self._world.plan.lease_fails)
        yield self._half()
        return None if fails or away else True

    def _lock(self, wait: float) -> Doing[Outcome]:
        give_up = self._host.timer() + wait
        holders = self._host.holders
        while holders:
            if self._host.timer() >= give_up:
                return None
            yield LOCK_POLL
        holders.add(self.name)
        return True
