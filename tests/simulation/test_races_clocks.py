"""Clocks that are minutes off, and clocks that jump, in both directions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Plan

LIFETIME, MARGIN = 60.0, 20.0
LASTS = 600.0
TOKENS = 1 + LASTS / (LIFETIME * 0.9 - MARGIN)
"""How many tokens a fleet needs in that time, at most."""


@given(
    seed=st.integers(0, 2**32),
    error=st.sampled_from([0.0, 15.0, 300.0]),
    jumps_every=st.sampled_from([0.0, 30.0, 200.0]),
    jump=st.sampled_from([1.0, 30.0, 300.0]),
    hosts=st.integers(1, 4),
    workers_per_host=st.integers(1, 3),
    call_every=st.sampled_from([1.0, 10.0]),
)
def test_clocks_that_are_off_cost_a_request_each(seed, error, jump, **plan):
    fleet = Fleet(
        Plan(
            lifetime=LIFETIME,
            margin=MARGIN,
            clock_error=lambda random: random.choice((-error, 0.0, error)),
            jump=lambda random: random.choice((-jump, 0.0, jump)),
            **plan,
        ),
        seed=seed,
    )
    counts = fleet.run(LASTS).counts

    assert fleet.server.revoked_families == 0
    assert counts["failed calls"] == 0
    assert fleet.server.requests.total() <= TOKENS + plan["hosts"] + counts["jumps"]
