"""Where the refresh grant is the only one: what one process does in its turn, and when it sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

import pytest

from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.lease import HELD_FOR_SECONDS, Claimant
from airflow_provider_orgauth.oauth.renewal import grant_new_token, renew
from airflow_provider_orgauth.oauth.sending import (
    ANNOUNCE_WITHIN_SECONDS,
    SEND_WITHIN_SECONDS,
    SPARE_SECONDS,
    Sender,
)
from airflow_provider_orgauth.oauth.steps import (
    Lease,
    Load,
    LoadRefreshToken,
    Lock,
    Lost,
    ReadLease,
    ReadSending,
    ReadSent,
    RefreshToken,
    Save,
    SaveRefreshToken,
    Send,
    Wait,
    WriteLease,
    WriteSending,
    WriteSent,
)
from airflow_provider_orgauth.oauth.token import Token

NOW = 1_766_000_000.0
CLIENT = OAuthClient("https://h.example/oauth2/token", "id", "secret", refresh_token="first")
EXCHANGE_SECONDS = 30.0
SPENT = Refusal(Reason.INVALID_GRANT, 400, "spent")
UNREADABLE = Lost("it cannot be read", reached_server=False, cause="store")


@dataclass
class World:
    """What a driver would meet. `answers`: of the server; `newest`: what each look finds, the last one again."""

    answers: list = field(default_factory=list)
    newest: list = field(default_factory=lambda: [RefreshToken("first")])
    shared: Token | None = None
    lease: Lease | None = field(default_factory=Lease)
    sending: Lease | None = field(default_factory=Lease)
    ended: Lease | None = field(default_factory=Lease)
    stays: bool = True
    surely: bool = True
    took: dict = field(default_factory=dict)
    now: float = NOW
    log: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    kept: list = field(default_factory=list)

    def __post_init__(self):
        self.claimant = Claimant(lambda: self.now, lambda low, high: low)
        self.sender = Sender(lambda: self.now, lambda low, high: low, exchange_seconds=EXCHANGE_SECONDS)

    def drive(self, **about):
        about = {"claimant": self.claimant, "sender": self.sender, **about}
        rule = renew(CLIENT, margin=30, clock=lambda: self.now, **about)
        outcome = None
        try:
            while True:
                outcome = self.take(rule.send(outcome))
        except StopIteration as done:
            return done.value

    def take(self, step):
        self.now += self.took.get(type(step), 0.01)
        self.log.append(type(step).__name__)
        match step:
            case Lock():
                return True
            case Load():
                return self.shared
            case Save(saved):
                self.shared = saved
                return saved
            case ReadLease():
                return self.lease
            case WriteLease(lease):
                self.lease = lease
                return True
            case ReadSending():
                return self.sending
            case WriteSending(lease):
                self.sending = lease if self.stays else self.sending
                return True if self.surely else None
            case ReadSent():
                return self.ended
            case WriteSent(lease):
                self.ended = lease
            case LoadRefreshToken():
                return self.newest.pop(0) if len(self.newest) > 1 else self.newest[0]
            case SaveRefreshToken(kept):
                self.kept.append(kept)
                self.newest = [kept]
            case Send(request, repeatable):
                assert not repeatable
                params = parse_qs(urlsplit(request(NOW).url).query)
                assert params["grant_type"] == ["refresh_token"]
                self.sent += params["refresh_token"]
                given = self.answers.pop(0)
                return replace(given, issued_at=self.now) if isinstance(given, Token) else given
            case Wait(seconds):
                self.now += seconds
        return None


def answer(name="a", refresh_token=None, lifetime=300.0):
    return Token(name, NOW, lifetime, refresh_token)


def test_a_rotated_refresh_token_is_kept_before_the_token_is_saved_and_used():
    world = World([answer("a", "second")])
    token = world.drive()

    assert (world.sent, token.access_token) == (["first"], "a")
    assert [kept.text for kept in world.kept] == ["second"]
    assert world.log[-6:] == ["Send", "SaveRefreshToken", "Save", "WriteSent", "ReadLease", "WriteLease"]
    assert (token.refresh_token, token.refresh_generation) == (None, 1)


def test_it_is_announced_looked_at_again_sent_and_said_to_be_over():
    world = World([answer("a", "second")])
    world.drive()

    of_refresh = [step for step in world.log if "Sen" in step or step == "Wait"]
    assert of_refresh[-7:] == ["ReadSent", "ReadSending", "WriteSending", "Wait", "ReadSending", "Send", "WriteSent"]
    assert (world.sending.holder, world.sending.generation) == (world.ended.holder, 0)
    assert world.ended.generation == 1
    assert world.kept[0].claim == world.sending.holder


@pytest.mark.parametrize("refresh_token", [None, "first"])
def test_where_the_server_gives_no_other_one_nothing_is_kept_and_the_first_is_sent_again(refresh_token):
    world = World([answer("a", refresh_token), answer("b", refresh_token)])
    first = world.drive()
    world.now += 300
    second = world.drive()

    assert (world.sent, world.kept) == (["first", "first"], [])
    assert (first.access_token, second.access_token, second.refresh_generation) == ("a", "b", 0)


def test_each_renewal_sends_the_newest():
    world = World([answer("a", "second"), answer("b", "third")])
    world.drive()
    world.now += 300
    world.drive()

    assert world.sent == ["first", "second"]
    assert [(kept.text, kept.generation) for kept in world.kept] == [("second", 1), ("second", 1), ("third", 2)]


def test_one_that_only_this_host_has_is_given_to_all_before_it_is_sent():
    """The process that got it died before it could."""
    world = World([answer()], newest=[RefreshToken("second", 1, "dead")], sending=Lease("dead"))
    world.drive()

    assert (world.kept[0].text, world.sent) == ("second", ["second"])
    assert world.log.index("SaveRefreshToken") < world.log.index("Send")


def test_who_hears_of_a_newer_one_waits_a_moment_for_it():
    world = World([answer()], sending=Lease("other", generation=1), newest=[RefreshToken("first")] * 3)
    world.newest += [RefreshToken("second", 1, "other")]

    assert world.drive().access_token == "a"
    assert world.sent == ["second"]


@pytest.mark.parametrize(
    ("world", "why"),
    [
        (World(sending=None), "cannot be read"),
        (World(surely=False), "could not announce in a Variable"),
        (World(newest=[UNREADABLE]), "it cannot be read"),
        (
            World(sending=Lease("other", generation=3)),
            "number 3 was the last to come, and only number 0 is found",
        ),
        (
            World(ended=Lease("other", generation=3)),
            "number 3 was the last to come, and only number 0 is found",
        ),
        (World(took={Wait: SEND_WITHIN_SECONDS}), "too slow"),
        (World(took={WriteSending: ANNOUNCE_WITHIN_SECONDS}), "no other one has come back"),
        (World(stays=False), "no other one has come back"),
    ],
    ids=["unreadable", "unwritten", "token unreadable", "a former one", "one that came back", "slow", "late", "hidden"],
)
def test_who_cannot_be_sure_sends_nothing(world, why):
    outcome = world.drive()

    assert isinstance(outcome, Lost)
    assert (outcome.cause, outcome.reached_server, outcome.permanent) == ("store", False, False)
    assert why in outcome.message
    assert world.sent == []


def test_a_token_of_all_hosts_tells_of_a_newer_refresh_token_than_is_found():
    world = World(shared=replace(answer(lifetime=1.0), generation=7, refresh_generation=2))
    world.now += 10

    assert "number 2 was the last to come" in world.drive().message
    assert world.sent == []


@pytest.mark.parametrize("lease", [None, Lease("other", generation=5)])
def test_whatever_is_in_the_lease_the_announcement_decides(lease):
    world = World([answer()], lease=lease)

    assert world.drive().access_token == "a"
    assert (world.sent, world.ended.holder) == (["first"], world.sending.holder)


def test_what_may_be_under_way_is_left_alone_for_longer_than_any_request_takes():
    world = World([answer()], sending=Lease("other"))
    began = world.now
    world.drive()

    assert world.now - began >= EXCHANGE_SECONDS + SPARE_SECONDS
    assert world.sent == ["first"]


@pytest.mark.parametrize(
    "world",
    [
        World([answer()], sending=Lease("other"), ended=Lease("other")),
        World([answer()], sending=Lease("other"), newest=[RefreshToken("second", 1, "other")]),
    ],
    ids=["said to be over", "its answer is kept"],
)
def test_what_is_over_is_not_waited_for(world):
    began = world.now
    world.drive()

    assert world.now - began < HELD_FOR_SECONDS
    assert len(world.sent) == 1


def test_one_that_is_over_tells_nothing_of_another():
    world = World([answer()], sending=Lease("third"), ended=Lease("other"))
    began = world.now
    world.drive()

    assert world.now - began >= EXCHANGE_SECONDS


def test_ahead_of_time_nobody_waits_for_another():
    held = replace(answer(), generation=3)
    world = World(sending=Lease("other"))

    assert world.drive(held=held) is None
    assert world.sent == []


def test_a_refused_one_is_looked_for_again_before_it_fails():
    world = World([SPENT, answer("b", "third")], newest=[RefreshToken("first"), RefreshToken("second", 1)])
    token = world.drive()

    assert (token.access_token, world.sent) == ("b", ["first", "second"])


def test_a_refused_one_that_is_the_newest_is_the_end():
    world = World([SPENT])

    assert world.drive() is SPENT
    assert world.sent == ["first"]
    assert world.ended.holder == world.sending.holder


def test_a_token_that_is_shared_meanwhile_is_as_good():
    world = World([SPENT])
    shared = replace(answer("other's"), generation=2_000_000_000)

    def take(step, take=world.take):
        outcome = take(step)
        world.shared = shared if isinstance(step, Send) else world.shared
        return outcome

    world.take = take
    assert world.drive() == shared


def test_a_signal_handler_sends_nothing():
    with pytest.raises(StopIteration) as ended:
        next(grant_new_token(CLIENT, held=None, clock=lambda: NOW))

    assert ended.value.value.cause == "store"
