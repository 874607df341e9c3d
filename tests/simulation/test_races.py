"""Orders of events that no real run would meet in a year: hypothesis chooses them, in virtual time.

What must never happen, however slow, unlucky or short-lived anybody is: a refresh token sent twice, which on strict
servers ends every token there is; or a call that fails.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Plan

Latency = Callable[[Random], float]


@st.composite
def latencies(draw: st.DrawFn, longest: float) -> Latency:
    """Mostly quick, sometimes very slow: each operation draws its own, so that any two can overtake each other."""
    usual = draw(st.floats(0.0, 0.3))
    worst = draw(st.floats(usual, longest))
    how_often = draw(st.sampled_from([0.0, 0.02, 0.2, 0.5]))
    return lambda random: random.uniform(usual, worst) if random.random() < how_often else random.uniform(0.0, usual)


SMALL_FLEETS = {
    "hosts": st.integers(1, 6),
    "workers_per_host": st.integers(1, 3),
    "call_every": st.sampled_from([0.1, 1.0, 10.0]),
    "start_within": st.sampled_from([0.0, 1.0, 60.0]),
    "refresh_kills_access": st.booleans(),
}


@given(
    seed=st.integers(0, 2**32),
    variable=latencies(8.0),
    token_request=latencies(20.0),
    dies=st.sampled_from([0.0, 0.01, 0.1]),
    loses=st.sampled_from([0.0, 0.1, 0.9]),
    lease_fails=st.sampled_from([0.0, 0.02, 0.3, 1.0]),
    **SMALL_FLEETS,
)
def test_no_refresh_token_is_ever_sent_twice(seed, **plan):
    fleet = Fleet(Plan(lifetime=120.0, margin=40.0, **plan), seed=seed)
    fleet.run(400.0)

    assert fleet.server.revoked_families == 0


@given(seed=st.integers(0, 2**32), clock_error=st.sampled_from([0.0, 300.0, -300.0]), **SMALL_FLEETS)
def test_no_call_fails_and_hosts_share_one_token(seed, clock_error, **plan):
    def is_off(random: Random) -> float:
        return clock_error if random.random() < 0.3 else 0.0

    fleet = Fleet(Plan(clock_error=is_off, **plan), seed=seed)
    result = fleet.run(900.0)

    assert result.counts["failed calls"] == 0
    assert fleet.server.revoked_families == 0
    if clock_error == 0.0:
        assert fleet.server.requests.total() <= 5  # 900 s, of which every token serves 240 at least
