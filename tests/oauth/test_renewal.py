"""Use, refresh or grant anew: the whole rule, driven by a script instead of a server."""

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.renewal import MAX_ROUNDS, renew
from airflow_provider_orgauth.oauth.steps import Load, Lock, Lost, Save, Send, TakeRefreshToken
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
    stands: list = field(default_factory=list)
    now: float = NOW

    def drive(self, **about):
        renewal = renew(CLIENT, margin=30, clock=lambda: self.now, **about)
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
                return self.stands.pop(0) if self.stands else saved
            case TakeRefreshToken(of):
                self.log.append("take")
                return of
            case Send(request, repeatable):
                (grant_type,) = parse_qs(urlsplit(request(NOW).url).query)["grant_type"]
                assert repeatable == (grant_type == GRANT)
                self.log.append(grant_type)
                return self.answers[grant_type]


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
    assert world.log == ["load", "take", REFRESH, "save new"]


def test_a_refresh_token_dies_with_its_access_token_unless_the_server_says_otherwise():
    dead = World(cache=[token("old", age=301)], answers={GRANT: token("new")})
    alive = World(cache=[token("old", age=301, refresh_lifetime=3600.0)], answers={REFRESH: token("new")})

    assert dead.drive().access_token == "new"
    assert dead.log == ["load", "take", GRANT, "save new"]
    assert alive.drive().access_token == "new"
    assert alive.log == ["load", "take", REFRESH, "save new"]


@pytest.mark.parametrize(
    "outcome", [REFUSED, LOST, Refusal(Reason.INVALID_REQUEST, 400, ""), Refusal(Reason.UNAVAILABLE, 503, "")]
)
def test_a_refresh_that_fails_looks_for_a_newer_token_then_grants_anew(outcome):
    faster = World(cache=[token("old", age=280), token("newer")], answers={REFRESH: outcome})
    alone = World(cache=[token("old", age=280), token("old", age=280)], answers={REFRESH: outcome, GRANT: token("new")})

    assert faster.drive().access_token == "newer"
    assert faster.log == ["load", "take", REFRESH, "load"]
    assert alone.drive().access_token == "new"
    assert alone.log == ["load", "take", REFRESH, "load", GRANT, "save new"]


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
    assert world.log == ["load", "take", REFRESH, "save new"]


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


def test_a_failed_grant_looks_for_a_token_that_somebody_else_got_meanwhile():
    world = World(cache=[None, token("theirs")], answers={GRANT: Refusal(Reason.UNAVAILABLE, 503, "")})

    assert world.drive().access_token == "theirs"
    assert world.log == ["load", GRANT, "load"]


@pytest.mark.parametrize("grant", [GRANT, REFRESH])
def test_a_newer_token_that_stands_already_is_used_and_not_written_over(grant):
    old = token("old", age=280, refresh=grant == REFRESH)
    newer = replace(token("newer"), generation=9)
    world = World(cache=[old], answers={grant: token("new")}, stands=[newer])

    assert world.drive() == newer
    assert [saved.access_token for saved in world.saved] == ["new"]


def test_a_newer_token_that_stands_and_is_dead_is_written_over_with_a_higher_number():
    dead = replace(token("dead", age=400), generation=9)
    world = World(answers={GRANT: token("new")}, stands=[dead])
    got = world.drive()

    assert (got.access_token, got.generation) == ("new", 10)
    assert world.saved[1] == got


class PausedWhileSaving(World):
    """A process that is stopped before its save takes effect, for longer than its token lives."""

    def take(self, step):
        if isinstance(step, Save):
            self.now += 400
        return super().take(step)


def test_a_token_that_died_while_it_was_saved_is_not_put_over_a_newer_one():
    newer = replace(token("newer"), generation=9)
    world = PausedWhileSaving(cache=[None, token("living", age=-500)], answers={GRANT: token("late")}, stands=[newer])

    assert world.drive().access_token == "living"
    assert [saved.access_token for saved in world.saved] == ["late"]


class Paused(World):
    """A process that is stopped while the answer to its first token requests is under way, longer than they live."""

    pauses = 1

    def take(self, step):
        outcome = super().take(step)
        if isinstance(step, Send):
            outcome = replace(outcome, issued_at=self.now)
            if self.pauses:
                self.pauses -= 1
                self.now += outcome.lifetime
        return outcome


def test_a_token_that_died_on_its_way_is_neither_saved_nor_used_and_the_next_is():
    world = Paused(answers={GRANT: token("new")})
    got = world.drive()

    assert got.is_alive(world.now)
    assert world.log == ["load", GRANT, "load", GRANT, "save new"]


def test_after_a_pause_the_token_that_somebody_else_got_is_taken():
    theirs = Token("theirs", NOW + 200, 300.0, generation=7)
    world = Paused(cache=[None, theirs], answers={GRANT: token("new")})

    assert world.drive() == theirs
    assert world.log == ["load", GRANT, "load"]


def test_after_the_last_round_too_the_token_that_somebody_else_got_is_taken():
    theirs = Token("theirs", NOW + 300.0 * MAX_ROUNDS, 300.0, generation=7)
    world = Paused(cache=[None] * MAX_ROUNDS + [theirs], answers={GRANT: token("new")})
    world.pauses = 99

    assert world.drive() == theirs
    assert world.log.count(GRANT) == MAX_ROUNDS


def test_a_server_whose_tokens_are_dead_on_arrival_is_not_asked_for_ever():
    world = Paused(answers={GRANT: token("new", lifetime=0.5)})
    world.pauses = 99

    assert world.drive().access_token == "new"
    assert world.log.count(GRANT) == MAX_ROUNDS


def test_ahead_of_time_a_token_that_died_on_its_way_is_no_news():
    world = Paused(cache=[], answers={GRANT: token("new"), REFRESH: token("new")})

    assert world.drive(held=token("old", age=250)) is None
    assert world.saved == []


def test_a_token_that_somebody_shared_between_two_attempts_is_not_saved_again():
    theirs = replace(token("theirs", refresh=False), generation=7)
    world = World(cache=[token("old", age=280)], answers={REFRESH: theirs})

    assert world.drive() == theirs  # and not with the old one's refresh token
    assert world.saved == []


def test_older_tokens_than_the_rejected_one_are_not_tried():
    older = replace(token("older"), generation=4)
    world = World(cache=[older], answers={GRANT: token("new"), REFRESH: token("new")})

    assert world.drive(rejected="bad", older_are_dead=5).access_token == "new"
