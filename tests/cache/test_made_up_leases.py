"""A lease is a text that anybody can write: whatever number stands there, the fleet goes on with a token for all."""

from __future__ import annotations

import pytest

from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.shared_store import SharedStore
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import MAX_DIGITS, MAX_GENERATION
from airflow_provider_orgauth.oauth.lease import Claimant
from airflow_provider_orgauth.oauth.renewal import renew
from airflow_provider_orgauth.oauth.steps import Load, Lock, ReadLease, Save, Send, Wait, WriteLease
from airflow_provider_orgauth.oauth.token import Token

CLIENT = OAuthClient("https://h.example/oauth2/token", "id", "secret")
SEAL = Seal("for the tests")
HOSTS, LIVES = 4, 4


class Text:
    """What all hosts see."""

    description = "the text"

    def __init__(self, text=None):
        self.text = text

    def read(self):
        yield from [] if self.text is None else [self.text]

    def write(self, text):
        self.text = text


class Fleet:
    """Hosts that need a token one after the other, in a time that passes by itself."""

    def __init__(self, lease):
        self.lease, self.token, self.now, self.asked = Text(lease), Text(), 1_766_000_000.0, 0

    def need_a_token(self):
        store = SharedStore(self.token, SEAL, SharedLease(self.lease))
        claimant = Claimant(lambda: self.now, lambda low, _: low)
        rule, outcome = renew(CLIENT, margin=30, clock=lambda: self.now, claimant=claimant), None
        try:
            while True:
                outcome = self.take(rule.send(outcome), store)
        except StopIteration as done:
            return done.value

    def take(self, step, store):
        self.now += step.seconds if isinstance(step, Wait) else 0.01
        match step:
            case Load():
                return store.load()
            case Save(token):
                return store.save(token)
            case Send():
                self.asked += 1
                return Token(f"token-{self.asked}", self.now, 300.0)
            case ReadLease():
                return store.lease.read()
            case WriteLease(lease):
                return store.lease.write(lease) or None
            case Lock():
                return True
        return None


@pytest.mark.parametrize("state", ["renewing", "renewed"])
@pytest.mark.parametrize(
    "said", [1, MAX_GENERATION - 2, MAX_GENERATION - 1, MAX_GENERATION, 10**MAX_DIGITS - 1, 10**MAX_DIGITS]
)
def test_one_token_request_for_each_life_of_a_token(state, said):
    fleet = Fleet(f"{state}:{said}:00ff00ff00ff00ff")
    for life in range(LIVES):
        tokens = {fleet.need_a_token() for _ in range(HOSTS)}
        assert len(tokens) == 1
        assert fleet.asked == life + 1
        fleet.now += 300
