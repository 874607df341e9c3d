"""Threads that back off together."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.throttle import Throttle

OK = AttemptOutcome(200, seconds=0.05)
NOW = 1000.0


class Clock:
    """A time that stands still until the test lets those go who wait for it."""

    def __init__(self):
        self.now = NOW
        self.waits = []
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.waiting.set()
        assert self.go_on.wait(30)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def policy(clock):
    return RetryPolicy(5, clock=clock, timer=clock, sleep=clock.sleep, uniform=lambda low, high: high)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(16) as pool:
        yield pool


def test_all_threads_pause_together_and_one_lets_the_time_pass(policy, clock, threads):
    throttle = Throttle(8, policy)
    throttle.leave(throttle.enter(), AttemptOutcome(429, headers={"Retry-After": "12"}))
    entering = [threads.submit(lambda: (throttle.enter(), clock.now)) for _ in range(4)]
    assert clock.waiting.wait(30)
    assert not any(future.done() for future in entering)
    clock.go_on.set()

    assert {at for _, at in (future.result(30) for future in entering)} == {NOW + 12.5}
    assert clock.waits == [12.5]


def test_no_more_than_the_limit_are_under_way(policy, clock, threads):
    clock.go_on.set()
    throttle = Throttle(8, policy)
    throttle.leave(throttle.enter(), AttemptOutcome(503))
    most = under_way = 0
    lock = threading.Lock()

    def fetch():
        nonlocal most, under_way
        entered = throttle.enter()
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0)  # let another thread have its turn
        with lock:
            under_way -= 1
        throttle.leave(entered, AttemptOutcome(404))

    for future in [threads.submit(fetch) for _ in range(200)]:
        future.result(30)
    assert 1 <= most <= 4


def test_stopped_while_it_waits_for_its_turn(policy, threads):
    throttle = Throttle(1, policy)
    entered = throttle.enter()
    waiting = threads.submit(throttle.enter)
    policy.cancelled.set()

    assert waiting.result(30) is None
    throttle.leave(entered, OK)
    assert throttle.enter() is None  # not where it need not wait either: a walk whose pages all come would go on


def test_stopped_in_a_pause(threads):
    policy = RetryPolicy(5, uniform=lambda low, high: high)
    throttle = Throttle(2, policy)
    throttle.leave(throttle.enter(), AttemptOutcome(429, headers={"Retry-After": "60"}))
    waiting = [threads.submit(throttle.enter) for _ in range(2)]
    policy.cancelled.set()

    assert [future.result(30) for future in waiting] == [None, None]


class Slots:
    """A rate limit that does something while it lets one wait."""

    def __init__(self, *meanwhile):
        self.meanwhile = list(meanwhile)
        self.reserved = 0

    def enter(self):
        self.reserved += 1
        return self.meanwhile.pop(0)() if self.meanwhile else 0

    def leave(self, entered, outcome):
        return RetryVerdict.AS_USUAL


def test_what_waits_for_the_rate_waits_for_a_pause_that_began_meanwhile(policy, clock):
    clock.go_on.set()
    first = []
    slots = Slots(
        lambda: 0, lambda: throttle.leave(first.pop(), AttemptOutcome(429, headers={"Retry-After": "5"})) and 0
    )
    throttle = Throttle(4, policy, slots)
    first.append(throttle.enter())
    throttle.enter()

    assert clock.waits == [5.5]
    assert slots.reserved == 3


def test_stopped_while_it_waits_for_the_rate(policy):
    throttle = Throttle(1, policy, Slots(lambda: None))

    assert throttle.enter() is None
    assert throttle.enter() is not None  # its place is free again
