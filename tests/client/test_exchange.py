"""The rule of one request, driven without a server: its steps, in their order, for what comes of each."""

from __future__ import annotations

import pytest

from airflow_provider_orgauth.client.admission_control import RetryVerdict
from airflow_provider_orgauth.client.exchange import (
    Admit,
    Answer,
    Asked,
    MayReplay,
    ObtainToken,
    Receive,
    Settle,
    Skim,
    Transmit,
    Unanswered,
    exchange,
)
from airflow_provider_orgauth.client.retry_policy import Pause, RetryPolicy
from airflow_provider_orgauth.oauth.steps import Lost

REFUSED = Unanswered(Lost("the connection was refused", reached_server=False), timed_out=False, kind=ConnectionError)
SLOW = Unanswered(Lost("no answer within 5 s", reached_server=True), timed_out=True, kind=TimeoutError)


def answer(status, **headers):
    return Answer(status, headers, 0.1, None)


class Driver:
    """Takes the steps, notes them, and has an outcome for each request that is sent.

    :param outcomes: of the requests, in order.
    """

    def __init__(self, *outcomes, method="GET", can_rewind=True, headers=(), attempts=3, broken=None, admits=None):
        self.outcomes = iter(outcomes)
        self.broken = broken
        self.admits = iter(admits or ())
        self.steps, self.settled, self.tokens = [], [], []
        self.says = RetryVerdict.AS_USUAL
        self.replays_allowed = 0
        self.retry = RetryPolicy(attempts, clock=lambda: 0.0, timer=lambda: 7.0, uniform=lambda low, high: high)
        self.asked = Asked(method, dict(headers), can_rewind)

    def drive(self):
        rule = exchange(self.asked, self.retry)
        try:
            step = next(rule)
            while True:
                self.steps.append(type(step).__name__)
                step = rule.send(self.take(step))
        except StopIteration as done:
            return done.value

    def take(self, step):
        match step:
            case Admit():
                return next(self.admits, True)
            case ObtainToken():
                self.tokens.append(step)
                return f"token {len(self.tokens)}"
            case Transmit(access_token):
                assert access_token == f"token {len(self.tokens)}"
                return next(self.outcomes)
            case Receive(answer):
                return self.broken or answer
            case Settle(outcome):
                self.settled.append(outcome)
                return self.says
            case MayReplay(replays=replays, since=since):
                assert since == 7.0
                return replays <= self.replays_allowed
            case Pause(seconds):
                return self.paused(seconds)
            case Skim():
                return None
        raise AssertionError(step)

    def paused(self, seconds):
        """Let no time pass."""


SENT = ["Admit", "ObtainToken", "Transmit", "Receive", "Settle"]
UNSENT = ["Admit", "ObtainToken", "Transmit", "Settle"]
REPLAY = ["Skim", "ObtainToken", "Transmit"]


def test_a_good_answer_is_all():
    driver = Driver(answer(200))
    ended = driver.drive()

    assert driver.steps == SENT
    assert ended.last.result.status == 200
    assert not ended.was_stopped


def test_each_attempt_has_a_token_of_its_own_and_a_pause_before_it():
    driver = Driver(answer(503), REFUSED, answer(200))
    ended = driver.drive()

    assert driver.steps == [*SENT, "Pause", *UNSENT, "Pause", *SENT]
    assert ended.last.result.status == 200
    assert [outcome.status for outcome in driver.settled] == [503, None, 200]


@pytest.mark.parametrize("outcome", [answer(503), SLOW])
def test_the_last_outcome_stands_after_all_attempts(outcome):
    driver = Driver(*[outcome] * 3)
    ended = driver.drive()

    assert ended.last.result is outcome
    assert driver.steps.count("Transmit") == 3
    assert not ended.was_stopped


@pytest.mark.parametrize(
    ("about", "sent"),
    [
        ({"method": "POST"}, 1),
        ({"method": "POST", "headers": {"idempotency-key": "k"}}, 2),
        ({"can_rewind": False}, 1),
        ({}, 2),
    ],
)
def test_what_the_server_may_have_acted_on_is_sent_again_only_where_that_is_safe(about, sent):
    driver = Driver(SLOW, answer(200), **about)
    driver.drive()

    assert driver.steps.count("Transmit") == sent


def test_a_401_is_replayed_with_another_token_and_only_the_last_answer_is_read():
    first = answer(401)
    driver = Driver(first, answer(200))
    ended = driver.drive()

    assert driver.steps == ["Admit", "ObtainToken", "Transmit", *REPLAY, "Receive", "Settle"]
    assert driver.tokens[1] == ObtainToken(rejected="token 1", answer=first)
    assert ended.last.replayed == (first,)
    assert driver.settled[0].requests == 2
    assert driver.settled[0].seconds is None  # it says nothing about the server


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_a_second_401_is_replayed_as_often_as_the_tokens_say(allowed):
    driver = Driver(*[answer(401)] * 9)
    driver.replays_allowed = allowed
    ended = driver.drive()

    assert ended.last.result.status == 401
    assert driver.steps.count("Transmit") == 2 + allowed
    assert [step.rejected for step in driver.tokens[1:]] == [f"token {number + 1}" for number in range(1 + allowed)]


def test_a_body_that_can_be_sent_once_is_not_replayed_and_the_token_is_renewed_for_the_next():
    driver = Driver(answer(401), can_rewind=False)
    ended = driver.drive()

    assert ended.last.result.status == 401
    assert driver.steps == ["Admit", "ObtainToken", "Transmit", "ObtainToken", "Receive", "Settle"]
    assert driver.tokens[0].sent_once
    assert driver.tokens[1].rejected == "token 1"


def test_a_replay_that_gets_no_answer_is_an_attempt_that_failed():
    driver = Driver(answer(401), REFUSED, answer(200))
    ended = driver.drive()

    assert ended.last.result.status == 200
    assert driver.steps == ["Admit", "ObtainToken", "Transmit", *REPLAY, "Settle", "Pause", *SENT]


def test_a_body_that_breaks_off_is_an_attempt_that_failed():
    driver = Driver(answer(200), answer(200), attempts=2, broken=SLOW)
    ended = driver.drive()

    assert ended.last.result is SLOW
    assert driver.steps == [*SENT, "Pause", *SENT]


def test_what_is_not_admitted_is_not_sent():
    driver = Driver(admits=[False])
    ended = driver.drive()

    assert ended.was_stopped
    assert ended.last.result is None
    assert driver.steps == ["Admit"]


def test_stopped_between_two_attempts_the_one_before_stands():
    driver = Driver(answer(503), admits=[True, False])
    ended = driver.drive()

    assert ended.last.result.status == 503
    assert not ended.was_stopped  # admission control alone said so


def test_stopped_in_a_pause_nothing_more_is_sent():
    driver = Driver(answer(503))
    driver.paused = lambda _: driver.retry.cancelled.set()
    ended = driver.drive()

    assert ended.was_stopped
    assert ended.last.result.status == 503
    assert driver.steps == [*SENT, "Pause"]


def test_what_the_gate_does_not_count_is_tried_for_as_long_as_it_says():
    driver = Driver(*[answer(429)] * 9, answer(200))
    driver.says = RetryVerdict.UNCOUNTED
    ended = driver.drive()

    assert ended.last.result.status == 200
    assert driver.steps.count("Transmit") == 10
