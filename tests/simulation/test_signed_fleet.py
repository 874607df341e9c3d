"""Tokens from another server, and a client that signs: the same figures, and no assertion is sent twice."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Plan

FLEETS = {
    "hosts": st.integers(1, 4),
    "workers_per_host": st.integers(1, 3),
    "call_every": st.sampled_from([1.0, 10.0]),
    "refresh_kills_access": st.booleans(),
}
TROUBLE = {
    "loses": st.sampled_from([0.0, 0.1, 0.5]),
    "dies": st.sampled_from([0.0, 0.05]),
    "pauses": st.sampled_from([0.0, 0.05]),
    "lease_fails": st.sampled_from([0.0, 0.1]),
}


@given(seed=st.integers(0, 2**32), **FLEETS, **TROUBLE)
def test_no_assertion_is_sent_twice(seed, **plan):
    fleet = Fleet(Plan(lifetime=60.0, margin=20.0, token_elsewhere=True, signs=True, **plan), seed=seed)
    fleet.run(300.0)

    asked_for = fleet.server.requests.total()
    assert asked_for == fleet.assertions.jtis.total() - fleet.result.counts["refused assertions"]
    assert asked_for > 0
    assert fleet.assertions.sent_twice == 0
    assert fleet.server.revoked_families == 0


@given(seed=st.integers(0, 2**32), **FLEETS, **TROUBLE)
def test_nothing_else_is_different(seed, **plan):
    counts = []
    for placement in ({}, {"token_elsewhere": True}, {"token_elsewhere": True, "signs": True}):
        fleet = Fleet(Plan(lifetime=60.0, margin=20.0, **plan, **placement), seed=seed)
        result = fleet.run(300.0)
        counts.append((result.counts, result.longest_wait, fleet.server.requests, fleet.server.revoked_families))

    assert counts[0] == counts[1] == counts[2]


@example(
    seed=1,
    error=90.0,
    jumps_every=100.0,
    hosts=1,
    workers_per_host=2,
    call_every=10.0,
    refresh_kills_access=False,
)
@given(
    seed=st.integers(0, 2**32),
    error=st.sampled_from([15.0, 90.0, 300.0]),
    jumps_every=st.sampled_from([0.0, 100.0]),
    **FLEETS,
)
def test_no_call_fails_where_clocks_are_off(seed, error, **plan):
    fleet = Fleet(
        Plan(
            lifetime=60.0,
            margin=20.0,
            token_elsewhere=True,
            signs=True,
            clock_error=lambda random: random.choice((-error, 0.0, error)),
            jump=lambda random: random.choice((-error, 0.0, error)),
            **plan,
        ),
        seed=seed,
    )
    counts = fleet.run(300.0).counts

    assert counts["failed calls"] == 0
    assert fleet.assertions.sent_twice == 0
    # Of each host one that is signed by its own clock; after each jump two: a refused refresh is not sent again, and
    # the grant that follows is signed by the same clock.
    assert counts["refused assertions"] <= plan["hosts"] + 2 * counts["jumps"]
