"""Variables out of reach for a while, at any time of a fleet's life: each host goes on with a token of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Plan

LIFETIME, MARGIN = 60.0, 20.0
LASTS = 300.0
TOKENS = 1 + LASTS / (LIFETIME * 0.9 - MARGIN)
"""How many tokens a host needs in that time, at most."""


@given(
    seed=st.integers(0, 2**32),
    begins=st.floats(0.0, 200.0),
    away_for=st.sampled_from([1.0, 10.0, 60.0, 300.0]),
    hosts=st.integers(1, 4),
    workers_per_host=st.integers(1, 4),
    process_per_call=st.booleans(),
    refresh_kills_access=st.booleans(),
)
def test_no_call_fails_and_the_processes_of_a_host_share(seed, begins, away_for, hosts, **plan):
    fleet = Fleet(
        Plan(lifetime=LIFETIME, margin=MARGIN, call_every=3.0, hosts=hosts, away=(begins, begins + away_for), **plan),
        seed=seed,
    )
    counts = fleet.run(LASTS).counts

    assert fleet.server.revoked_families == 0
    assert counts["dead handed out"] == 0
    assert counts["failed calls"] == 0
    assert fleet.server.requests.total() <= TOKENS * hosts
