"""What a busy server's answer to one request means for all of a walk: in simulated time, without a thread."""

import heapq
from dataclasses import dataclass, field

import pytest

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.shared_backoff import RATE_LIMIT_PATIENCE_SECONDS, SharedBackoff

OK = AttemptOutcome(200, seconds=0.05)
BUSY = AttemptOutcome(429)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def policy(clock):
    """A policy whose jitter is none: waits are as long as they can be."""
    return RetryPolicy(5, clock=clock, timer=clock, uniform=lambda low, high: high)


def let_in(backoff, count):
    numbers = []
    for _ in range(count):
        assert backoff.has_room
        assert backoff.pause() == 0
        numbers.append(backoff.let_in())
    return numbers


def test_those_under_way_together_are_refused_once(policy, clock, caplog):
    backoff = SharedBackoff(8, policy)
    numbers = let_in(backoff, 8)
    for number in numbers:
        assert backoff.settle(number, BUSY) is RetryVerdict.UNCOUNTED
        clock.now += 0.01

    assert backoff.pause() == pytest.approx(0.5 - 0.08)
    clock.now += 0.5
    let_in(backoff, 4)
    assert not backoff.has_room
    assert [record.getMessage() for record in caplog.records] == [
        "The server is busy: a pause of 0.5 s (429); fetching with 4 at once from now on."
    ]


def test_each_further_refusal_doubles_the_pause_and_successes_shorten_it(policy, clock):
    backoff = SharedBackoff(1, policy)
    pauses = []
    for outcome in [BUSY, BUSY, BUSY, OK, OK, BUSY, *[BUSY] * 7]:
        (number,) = let_in(backoff, 1)
        backoff.settle(number, outcome)
        pauses.append(backoff.pause())
        clock.now += backoff.pause()

    assert pauses == [0.5, 1, 2, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_nobody_sends_before_the_longest_retry_after(policy, clock, caplog):
    backoff = SharedBackoff(8, policy)
    first, second, third = let_in(backoff, 3)
    backoff.settle(first, AttemptOutcome(503, headers={"retry-after": "12"}))
    assert backoff.pause() == pytest.approx(12.5)
    backoff.settle(second, AttemptOutcome(429, headers={"Retry-After": "30"}))
    backoff.settle(third, OK)

    assert backoff.pause() == 30
    assert "asks for a pause of 12.5 s (503); fetching with 4 at once" in caplog.text
    clock.now += 30
    assert backoff.pause() == 0


@pytest.mark.parametrize(
    "outcome", [AttemptOutcome(502), AttemptOutcome(503), AttemptOutcome(504), AttemptOutcome(timed_out=True)], ids=repr
)
def test_a_server_that_is_down_is_not_asked_for_ever(policy, outcome):
    backoff = SharedBackoff(2, policy)
    (number,) = let_in(backoff, 1)

    assert backoff.settle(number, outcome) is RetryVerdict.WAIT_FOR_ADMISSION
    assert backoff.pause()


@pytest.mark.parametrize(
    "outcome", [AttemptOutcome(200), AttemptOutcome(404), AttemptOutcome(500), AttemptOutcome()], ids=repr
)
def test_other_outcomes_are_the_requests_own(policy, outcome):
    backoff = SharedBackoff(2, policy)
    (number,) = let_in(backoff, 1)

    assert backoff.settle(number, outcome) is RetryVerdict.AS_USUAL
    assert not backoff.pause()


def test_patience_ends_where_no_page_comes_any_more(policy, clock):
    backoff = SharedBackoff(2, policy)
    for _ in range(3):
        answered, refused = let_in(backoff, 2) if backoff._limit.now > 1 else (None, *let_in(backoff, 1))
        assert backoff.settle(refused, BUSY) is RetryVerdict.UNCOUNTED
        clock.now += RATE_LIMIT_PATIENCE_SECONDS - 1
        (last,) = let_in(backoff, 1) if answered is None else (answered,)
        backoff.settle(last, OK)
    clock.now += 10 * RATE_LIMIT_PATIENCE_SECONDS  # whoever takes the pages may take their time
    (number,) = let_in(backoff, 1)
    assert backoff.settle(number, BUSY) is RetryVerdict.UNCOUNTED
    clock.now += RATE_LIMIT_PATIENCE_SECONDS
    (number,) = let_in(backoff, 1)

    assert backoff.settle(number, BUSY) is RetryVerdict.NO_MORE


@dataclass
class Simulation:
    """As many threads as the walk may have, a server, and time that jumps from one event to the next."""

    backoff: SharedBackoff
    clock: Clock
    serve: object
    latency: float = 0.05
    under_way: list = field(default_factory=list)
    sent: int = 0
    refused: int = 0
    levels: list = field(default_factory=list)

    def run(self, seconds):
        self.sent = self.refused = 0
        self.levels = []
        end = self.clock.now + seconds
        while self.clock.now < end:
            while self.backoff.has_room and not self.backoff.pause():
                number = self.backoff.let_in()
                outcome = self.serve(len(self.under_way), self.clock.now)
                heapq.heappush(self.under_way, (self.clock.now + self.latency, number, outcome))
                self.sent += 1
            self.levels.append(len(self.under_way))
            if not self.under_way:
                self.clock.now += self.backoff.pause()
                continue
            self.clock.now, number, outcome = heapq.heappop(self.under_way)
            self.refused += outcome.status == 429
            self.backoff.settle(number, outcome)
        return self


def test_a_server_that_takes_only_so_many_at_once_gets_about_that_many(policy, clock):
    backoff = SharedBackoff(16, policy)
    run = Simulation(backoff, clock, lambda others, _: OK if others < 6 else BUSY)
    run.run(10)
    run.run(60)

    assert max(run.levels) <= 7
    assert run.refused < run.sent / 50
    assert (run.sent - run.refused) / 60 > 0.75 * 6 / run.latency

    run.serve = lambda *_: OK
    run.run(20)
    assert run.run(1).levels[-1] == 16


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "20"}], ids=["silent", "says when"])
def test_a_limit_per_minute_costs_few_refusals_and_little_time(policy, clock, headers):
    """10,000 requests a minute, and 20 at once would make 24,000."""
    count, minute = 0, 0

    def serve(_others, now):
        nonlocal count, minute
        if now // 60 != minute:
            count, minute = 0, now // 60
        count += 1
        return OK if count <= 10_000 else AttemptOutcome(429, headers=headers)

    run = Simulation(SharedBackoff(20, policy), clock, serve)
    run.run(600)

    assert run.refused < 600
    assert run.sent - run.refused > 0.75 * 100_000
