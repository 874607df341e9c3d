"""Two good secrets of one client: as many token requests as there are secrets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Plan


@given(
    seed=st.integers(0, 2**32),
    secrets=st.integers(1, 3),
    process_per_call=st.booleans(),
    hosts=st.integers(1, 3),
    workers_per_host=st.integers(2, 4),
)
def test_a_secret_costs_a_token_and_no_more(seed, secrets, **plan):
    fleet = Fleet(Plan(lifetime=3600.0, secrets=secrets, call_every=3.0, **plan), seed=seed)
    counts = fleet.run(60.0).counts

    assert counts["failed calls"] == 0
    assert fleet.server.requests.total() <= secrets
