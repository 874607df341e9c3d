"""However processes come in each other's way, stop or die: no refresh token is sent twice while its sender may live.

Their steps are those of the rule, each as slow as the dice want. A read or a write takes effect at one moment within
its step, as in a database. The only thing that is asked of them is what ``docs/one-token.md`` asks: who has said that
it sends is done within the time for which the others believe that.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.lease import Claimant
from airflow_provider_orgauth.oauth.renewal import renew
from airflow_provider_orgauth.oauth.sending import SEND_WITHIN_SECONDS, SPARE_SECONDS, Sender
from airflow_provider_orgauth.oauth.steps import (
    Lease,
    Load,
    LoadRefreshToken,
    Lock,
    ReadLease,
    ReadSending,
    ReadSent,
    RefreshToken,
    Save,
    SaveRefreshToken,
    Send,
    Step,
    Wait,
    WriteLease,
    WriteSending,
    WriteSent,
)
from airflow_provider_orgauth.oauth.token import Token

CLIENT = OAuthClient("https://h.example/oauth2/token", "id", "secret", refresh_token="r0")
EXCHANGE_SECONDS = 30.0
LIFETIME = 60.0

WORLDS = 10
"""Worlds in an example: what is rare is rarer than one in a hundred."""

A_MOMENT, A_WHILE, A_PAUSE = (0.0, 0.1), (0.1, 5.0), (5.0, 60.0)
"""Seconds, from and to."""


@dataclass
class World:
    """What processes share. `sent` counts each refresh token; `good` is the one that the server takes."""

    lease: Lease = field(default_factory=Lease)
    sending: Lease = field(default_factory=Lease)
    ended: Lease = field(default_factory=Lease)
    newest: RefreshToken = field(default_factory=lambda: RefreshToken("r0"))
    shared: Token | None = None
    now: float = 1_766_000_000.0
    good: int = 0
    sent: list = field(default_factory=list)
    died_with: set = field(default_factory=set)

    def effect(self, step):
        match step:
            case Lock():
                return True
            case Load():
                return self.shared
            case Save(token):
                if self.shared is None or self.shared.generation < token.generation:
                    self.shared = token
                return self.shared
            case ReadLease():
                return self.lease
            case WriteLease(lease):
                self.lease = lease
                return True
            case ReadSending():
                return self.sending
            case WriteSending(lease):
                self.sending = lease
                return True
            case ReadSent():
                return self.ended
            case WriteSent(lease):
                self.ended = lease
            case LoadRefreshToken():
                return self.newest
            case SaveRefreshToken(kept):
                if kept.generation > self.newest.generation:
                    self.newest = kept
            case Send():
                return self._answer(step.request.args[1])
        return None

    def _answer(self, refresh_token):
        self.sent.append(refresh_token)
        if refresh_token != f"r{self.good}":
            return Refusal(Reason.INVALID_GRANT, 400, "spent")
        self.good += 1
        return Token(f"a{self.good}", self.now, LIFETIME, f"r{self.good}")


class Process:
    """One process that needs a token again and again. It takes its steps as slowly as the dice want."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.claimant = Claimant(lambda: world.now, dice.uniform)
        self.sender = Sender(lambda: world.now, dice.uniform, exchange_seconds=EXCHANGE_SECONDS)
        self.left: float | None = None
        self.unkept: str | None = None

    def live(self) -> Iterator[float]:
        """Yield the seconds until the next effect, and until the process has noticed it, again and again."""
        for _ in range(3):
            rule = renew(CLIENT, margin=5, clock=lambda: self.world.now, claimant=self.claimant, sender=self.sender)
            step = next(rule)
            while step is not None:
                yield self._delay(step)
                outcome = self._take(step)
                yield self._delay(step, after=True)
                try:
                    step = rule.send(outcome)
                except StopIteration:
                    step = None
            yield self.dice.uniform(0, LIFETIME)

    def _take(self, step: Step) -> Any:
        outcome = self.world.effect(step)
        if isinstance(step, Send) and isinstance(outcome, Token):
            self.unkept = step.request.args[1]
        elif isinstance(step, Send | SaveRefreshToken):
            self.unkept = self.left = None
        return outcome

    def _delay(self, step: Step, *, after: bool = False) -> float:
        if isinstance(step, Wait):
            return 0.0 if after else step.seconds + self.dice.uniform(*A_MOMENT)
        seconds = self.dice.uniform(*self.dice.choices([A_MOMENT, A_WHILE, A_PAUSE], [90, 7, 3])[0])
        if isinstance(step, Send) and not after:
            self.left = EXCHANGE_SECONDS + SPARE_SECONDS - SEND_WITHIN_SECONDS
        if self.left is not None:
            seconds = min(seconds, self.left)
            self.left -= seconds
        return seconds


def run(dice: random.Random, processes: int, *, deaths: float = 0.0) -> World:
    """Let processes renew tokens, and return what came of it.

    :param deaths: the part of the steps between sending and keeping at which a process dies.
    """
    world, order = World(), itertools.count()
    everybody = [Process(world, dice) for _ in range(processes)]
    queue = [(world.now + dice.random(), next(order), process, process.live()) for process in everybody]
    heapq.heapify(queue)
    while queue:
        world.now, _, process, life = heapq.heappop(queue)
        if process.left is not None and dice.random() < deaths:
            if process.unkept is not None:
                world.died_with.add(process.unkept)
            continue
        delay = next(life, None)
        if delay is not None:
            heapq.heappush(queue, (world.now + delay, next(order), process, life))
    return world


@given(st.integers(0), st.integers(2, 5))
def test_no_interleaving_sends_one_twice(seed, processes):
    dice = random.Random(seed)
    for _ in range(WORLDS):
        world = run(dice, processes)
        assert len(world.sent) == len(set(world.sent)), world.sent
        assert world.newest.text == f"r{world.good}"


@given(st.integers(0), st.integers(2, 5))
def test_one_is_sent_again_only_where_the_process_that_had_its_answer_died(seed, processes):
    dice = random.Random(seed)
    for _ in range(WORLDS):
        world = run(dice, processes, deaths=0.1)
        assert {one for one in world.sent if world.sent.count(one) > 1} <= world.died_with
