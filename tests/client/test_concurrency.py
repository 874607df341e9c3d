"""How many requests may be under way at once."""

import random

import pytest

from airflow_provider_orgauth.client.concurrency import CAUTION_FACTOR, ConcurrencyLimit


def served(limit, latency, rounds):
    """Let as many requests come back as the limit has, so many times; return the limits in between."""
    seen = []
    for _ in range(rounds):
        for _ in range(limit.now):
            limit.succeeded()
            limit.took(latency(limit.now))
        seen.append(limit.now)
    return seen


def test_a_refusal_halves_it_and_as_many_successes_as_it_has_raise_it_by_one():
    limit = ConcurrencyLimit(8)
    limit.refused()
    assert limit.now == 4
    for _ in range(3):
        limit.succeeded()
    assert limit.now == 4
    limit.succeeded()
    assert limit.now == 5


def test_it_goes_back_slowly_to_where_the_server_refused():
    limit = ConcurrencyLimit(8)
    limit.refused()
    for _ in range(4 + 5 + 6):
        limit.succeeded()
    assert limit.now == 7
    for _ in range(CAUTION_FACTOR * 7):
        assert limit.now == 7
        limit.succeeded()
    assert limit.now == 8


def test_refusals_in_a_row_are_one_limit_of_the_server():
    limit = ConcurrencyLimit(8)
    for _ in range(9):
        limit.refused()
    assert limit.now == 1
    for _ in range(1 + 2 + 3 + 4 + 5 + 6):
        limit.succeeded()
    assert limit.now == 7


@pytest.mark.parametrize("usual", [0.005, 0.05, 0.5])
@pytest.mark.parametrize("seed", range(20))
def test_noise_does_not_reduce_it(usual, seed):
    """A busy machine: answers take up to twice as long, some a second more, and in every tenth round all of them."""
    chance = random.Random(seed)
    limit = ConcurrencyLimit(16)
    for number in range(200):
        stall = 2.0 if number % 10 == 5 else 0.0
        for _ in range(16):
            odd = chance.expovariate(1) if chance.random() < 0.1 else 0.0
            assert limit.took(usual * chance.uniform(1, 2) + stall + odd) is None


def test_a_server_that_is_slow_only_when_many_ask_at_once_is_asked_less():
    limit = ConcurrencyLimit(16)
    served(limit, lambda _: 0.05, 5)
    seen = served(limit, lambda now: 0.05 * max(1, now / 4) ** 2, 100)

    assert max(seen[20:]) <= 12
    assert min(seen) >= 3


def test_a_list_that_is_slow_further_back_is_not_fetched_one_by_one():
    """Reducing once or twice shows that it is no help."""
    limit = ConcurrencyLimit(16)
    served(limit, lambda _: 0.05, 5)
    seen = served(limit, lambda _: 1.0, 60)

    assert min(seen) >= 9
    assert seen[-1] == 16


def test_a_server_that_recovers_gets_all_again():
    limit = ConcurrencyLimit(16)
    served(limit, lambda _: 0.05, 5)
    assert min(served(limit, lambda now: 0.05 * now, 20)) < 9

    assert served(limit, lambda _: 0.05, 60)[-1] == 16
