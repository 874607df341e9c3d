"""One word and one sentence for each way in which a token can be."""

from __future__ import annotations

import pytest
from token_states import NOW, failure, forgotten, known, renewal, state

from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.ui.known_connections import KnownConnection
from airflow_provider_orgauth.ui.verdict import Standing, verdict

CLAIM = Lease(holder="somebody", generation=8)
CASES = {
    "nothing is known": (None, None, "none"),
    "nothing happened yet": (state(), None, "none"),
    "a good token": (state(renewal()), None, "valid"),
    "a token in its last second": (state(renewal(ago=299)), None, "valid"),
    "a token that ran out": (state(renewal(ago=300)), None, "expired"),
    "a renewal under way": (state(renewal()), CLAIM, "renewing"),
    "a renewal that is over": (state(renewal(generation=8)), CLAIM, "valid"),
    "a lease that nobody holds": (state(renewal()), Lease(renewed="ab", generation=8), "valid"),
    "the first renewal under way": (state(failure=failure()), CLAIM, "renewing"),
    "refused before any token": (state(failure=failure()), None, "refused"),
    "refused after a good token": (state(renewal(), failure=failure()), None, "refused"),
    "out of reach": (state(renewal(), failure=failure(is_permanent=False)), None, "failing"),
    "a failure that is over": (state(renewal(ago=60), failure=failure(ago=61)), None, "valid"),
    "forgotten": (state(renewal(), forgotten=forgotten()), None, "none"),
    "renewed since it was forgotten": (state(renewal(ago=5), forgotten=forgotten()), None, "valid"),
    "refused since it was forgotten": (
        state(renewal(), forgotten=forgotten(), failure=failure(ago=5)),
        None,
        "refused",
    ),
}


def test_a_renewal_that_was_under_way_when_the_token_was_forgotten_is_a_new_token():
    kept = state(renewal(ago=60, generation=7)).after_forgetting(forgotten(ago=10))
    assert verdict(known(), kept, None, now=NOW).standing is Standing.NONE

    kept = kept.after_renewal(renewal(ago=11, generation=8))
    assert verdict(known(), kept, None, now=NOW).standing is Standing.VALID


@pytest.mark.parametrize("case", CASES)
def test_the_standing(case):
    kept, lease, standing = CASES[case]
    judged = verdict(known(), kept, lease, now=NOW)

    assert judged.standing == standing
    assert judged.says.endswith(".")


def test_a_failure_says_whether_tasks_still_have_a_token():
    def says(ago):
        return verdict(known(), state(renewal(ago=ago), failure=failure()), None, now=NOW).says

    assert "use the token that they have" in says(60)
    assert "Tasks fail" in says(301)


def test_a_connection_that_cannot_be_read_says_why():
    broken = KnownConnection("my_api", "database", problem="verify is no path. Write true.")

    assert verdict(broken, state(renewal()), None, now=NOW).standing is Standing.UNREADABLE
    assert verdict(broken, None, None, now=NOW).says == "verify is no path. Write true."


@pytest.mark.parametrize("cache", ["memory", "xcom"])
def test_a_token_that_is_not_shared_is_not_judged(cache):
    judged = verdict(known(extra=f'{{"cache": "{cache}"}}'), state(renewal()), None, now=NOW)

    assert judged.standing is Standing.NOT_SHARED
    assert cache in judged.says


def test_of_a_secrets_backend_the_record_speaks():
    assert verdict(KnownConnection("x", "secrets backend"), state(renewal()), None, now=NOW).standing is Standing.VALID
