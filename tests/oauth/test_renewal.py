"""Use, refresh or grant anew: the whole rule, driven by a script instead of a server."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.renewal import renew
from airflow_provider_orgauth.oauth.steps import Load, Lock, Lost, Save, Send
from airflow_provider_orgauth.oauth.token import Token

NOW = 1_766_000_000.0
CLIENT = OAuthClient("https://h.example/oauth2/token", "id", "secret")
GRANT, REFRESH = "client_credentials", "refresh_token"
REFUSED = Refusal(Reason.INVALID_GRANT, 400, "spent")
LOST = Lost("no answer", reached_server=True)


def token(name, age=0.0, *, refresh=True, lifetime=300.0, refresh_lifetime=None):
    return Token(name, NOW - age, lifetime, f"{name}-refresh" if refresh else None, refresh_lifetime)


@dataclass
class World:
    """What a driver would meet: the answers to each grant, and what the cache shows at each look."""

    cache: list = field(default_factory=list)
    answers: dict = field(default_factory=dict)
    log: list = field(default_factory=list)
    saved: list = field(default_factory=list)

    def drive(self, **about):
        renewal = renew(CLIENT, margin=30, clock=lambda: NOW, **about)
        result = None
        try:
            while True:
                result = self.take(renewal.send(result))
        except StopIteration as done:
            return done.value

    def take(self, step):
        match step:
            case Lock():
                return True
            case Load():
                self.log.append("load")
                return self.cache.pop(0) if self.cache else None
            case Save(saved):
                self.log.append(f"save {saved.access_token}")
                self.saved.append(saved)
                return None
            case Send(request, repeatable):
                assert repeatable == (request.grant_type == GRANT)
                self.log.append(request.grant_type)
                return self.answers[request.grant_type]


def test_a_fresh_shared_token_is_used_as_it_is():
    world = World(cache=[token("shared")])

    assert world.drive().access_token == "shared"
    assert world.log == ["load"]


def test_an_empty_cache_means_a_grant_saved_before_it_is_used():
    world = World(answers={GRANT: token("new")})

    assert world.drive().access_token == "new"
    assert world.log == ["load", GRANT, "save new"]


def test_a_token_near_its_end_is_refreshed_and_saved_before_it_is_used():
    world = World(cache=[token("old", age=280)], answers={REFRESH: token("new")})

    assert world.drive().access_token == "new"
    assert world.log == ["load", REFRESH, "save new"]


def test_a_refresh_token_dies_with_its_access_token_unless_the_server_says_otherwise():
    dead = World(cache=[token("old", age=301)], answers={GRANT: token("new")})
    alive = World(cache=[token("old", age=301, refresh_lifetime=3600.0)], answers={REFRESH: token("new")})

    assert dead.drive().access_token == "new"
    assert dead.log == ["load", GRANT, "save new"]
    assert alive.drive().access_token == "new"
    assert alive.log == ["load", REFRESH, "save new"]


@pytest.mark.parametrize(
    "outcome", [REFUSED, LOST, Refusal(Reason.INVALID_REQUEST, 400, ""), Refusal(Reason.UNAVAILABLE, 503, "")]
)
def test_a_refresh_that_fails_looks_for_a_newer_token_then_grants_anew(outcome):
    faster = World(cache=[token("old", age=280), token("newer")], answers={REFRESH: outcome})
    alone = World(cache=[token("old", age=280), token("old", age=280)], answers={REFRESH: outcome, GRANT: token("new")})

    assert faster.drive().access_token == "newer"
    assert faster.log == ["load", REFRESH, "load"]
    assert alone.drive().access_token == "new"
    assert alone.log == ["load", REFRESH, "load", GRANT, "save new"]


def test_an_answer_without_a_refresh_token_keeps_the_old_one_for_as_long_as_it_had():
    old = token("old", age=280, refresh_lifetime=3600.0)
    world = World(cache=[old], answers={REFRESH: token("new", refresh=False)})
    kept = world.drive()

    assert kept.access_token == "new"
    assert kept.refresh_token == "old-refresh"
    assert kept.refresh_lifetime == pytest.approx(3600 - 280)
    assert world.saved == [kept]  # what others find must hold the kept one too


def test_a_rejected_token_is_not_used_again_however_fresh():
    world = World(cache=[token("bad")], answers={REFRESH: token("new")})

    assert world.drive(rejected="bad").access_token == "new"
    assert world.log == ["load", REFRESH, "save new"]


def test_a_rejected_token_that_was_replaced_meanwhile_costs_no_request():
    world = World(cache=[token("newer")])

    assert world.drive(rejected="bad").access_token == "newer"
    assert world.log == ["load"]


@pytest.mark.parametrize("outcome", [Refusal(Reason.INVALID_CLIENT, 401, ""), LOST])
def test_without_a_token_the_reason_comes_back_and_nothing_is_saved(outcome):
    world = World(answers={GRANT: outcome})

    assert world.drive() is outcome
    assert not any(entry.startswith("save") for entry in world.log)


shared = st.none() | st.builds(
    token,
    st.sampled_from(["a", "b"]),
    st.floats(-400, 700),
    refresh=st.booleans(),
    lifetime=st.floats(1, 600),
    refresh_lifetime=st.none() | st.floats(1, 1000),
)
outcomes = st.sampled_from([token("new"), token("new", refresh=False), REFUSED, LOST])


@given(cache=st.lists(shared, max_size=2), grant=outcomes, refresh=outcomes, rejected=st.sampled_from([None, "a", "b"]))
def test_whatever_happens_the_rule_holds(cache, grant, refresh, rejected):
    world = World(cache=list(cache), answers={GRANT: grant, REFRESH: refresh})
    outcome = world.drive(rejected=rejected)

    assert world.log.count(REFRESH) <= 1
    assert world.log.count(GRANT) <= 1
    if isinstance(outcome, Token):
        assert outcome.access_token != rejected
        got_new = [answer for answer in world.log if answer in (GRANT, REFRESH)]
        if outcome.access_token == "new":
            assert got_new
            assert world.log[-1] == "save new"  # nothing happens between the save and the use
    else:
        assert outcome is grant  # only a failed grant, never a failed refresh, ends without a token
