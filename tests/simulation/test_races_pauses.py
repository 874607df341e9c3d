"""Processes, hosts and machines that are stopped for a while, at any step of a renewal, and go on as if nothing were.

What must never come of it: a refresh token sent twice, an older token put over a newer one, a token handed out that
has run out while a living one was there, or a call that fails.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Plan

LIFETIME, MARGIN = 60.0, 20.0
LASTS = 300.0
TOKENS = 1 + LASTS / (LIFETIME * 0.9 - MARGIN)
"""How many tokens a fleet needs in that time, at most."""


@given(
    seed=st.integers(0, 2**32),
    pauses=st.sampled_from([0.02, 0.1]),
    longest=st.sampled_from([2.0, 8.0, 25.0, 60.0]),
    stops=st.sampled_from(["process", "host", "machine"]),
    hosts=st.integers(2, 4),
    workers_per_host=st.integers(1, 3),
    refresh_kills_access=st.booleans(),
)
def test_who_was_paused_does_no_harm(seed, longest, **plan):
    fleet = Fleet(
        Plan(lifetime=LIFETIME, margin=MARGIN, call_every=3.0, pause=lambda r: r.uniform(1.0, longest), **plan),
        seed=seed,
    )
    counts = fleet.run(LASTS).counts

    assert fleet.server.revoked_families == 0
    assert counts["older over newer"] == 0
    assert counts["dead handed out"] == 0
    assert counts["failed calls"] == 0
    assert fleet.server.requests.total() <= TOKENS + 2 * counts["pauses"]
