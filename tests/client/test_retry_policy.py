"""When a request is sent again, and after how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.retry_policy import LONGEST_WAIT_SECONDS, RetryPolicy
from airflow_provider_orgauth.client.retryable import BUSY_STATUSES, IDEMPOTENT_METHODS, ROWS, Repeated, may_resend
from airflow_provider_orgauth.oauth.steps import Lost

NOW = 1_766_000_000.0
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH", "get", "post"])
causes = st.sampled_from(["network", "certificate", "proxy", "request"])
statuses = st.sampled_from([400, 403, 404, 500, 507])
outcomes = st.integers(200, 599) | st.builds(Lost, st.just("x"), st.booleans(), causes)


@given(method=methods, outcome=outcomes, key=st.booleans(), is_limit=st.booleans(), further=st.frozensets(statuses))
def test_what_may_have_been_done_is_not_done_twice(method, outcome, key, is_limit, further):
    headers = {"idempotency-KEY": "k"} if key else {}
    may_retry = may_resend(method, headers, outcome, is_rate_limit=is_limit, further=further)

    if isinstance(outcome, Lost) and outcome.permanent:
        assert not may_retry
    if may_retry and method.upper() not in IDEMPOTENT_METHODS and not key:
        if isinstance(outcome, Lost):
            assert not outcome.reached_server
        else:
            assert outcome in (425, 429) or is_limit
    if not isinstance(outcome, Lost):
        assert not may_retry or is_limit or outcome in BUSY_STATUSES | further


@pytest.mark.parametrize("row", [row for row in ROWS if row.statuses], ids=lambda row: row.what)
def test_the_table_is_what_is_done(row):
    for status in row.statuses:
        assert may_resend("GET", {}, status) is (row.repeated in (Repeated.ANY, Repeated.SAFE))
        assert may_resend("POST", {}, status) is (row.repeated is Repeated.ANY)
        assert may_resend("POST", {"Idempotency-Key": "k"}, status) is (row.repeated in (Repeated.ANY, Repeated.SAFE))


def test_a_status_that_is_in_no_row_is_repeated_only_where_the_connection_says_so():
    named = {status for row in ROWS for status in row.statuses}
    for status in set(range(200, 600)) - named:
        assert not may_resend("GET", {}, status)
        assert may_resend("GET", {}, status, further=frozenset({status}))
        assert not may_resend("POST", {}, status, further=frozenset({status}))


def test_a_wait_that_is_longer_than_the_cap_is_not_waited_for():
    assert waits_for(4 * LONGEST_WAIT_SECONDS + 1, max_attempts=5) == []
    assert waits_for(LONGEST_WAIT_SECONDS + 1, max_attempts=2) == []


def test_a_server_may_ask_for_the_waits_of_all_attempts_that_are_left_at_once():
    first, *more = waits_for(3 * LONGEST_WAIT_SECONDS, max_attempts=5)

    assert 3 * LONGEST_WAIT_SECONDS <= first <= 3 * LONGEST_WAIT_SECONDS + 1
    assert len(more) == 1  # of three attempts that are left then, it would ask for no more than it may
    assert waits_for(LONGEST_WAIT_SECONDS, max_attempts=2) == [LONGEST_WAIT_SECONDS]


def waits_for(asked, *, max_attempts):
    """Return the waits where each answer is a 503 that asks for so many seconds."""
    slept = []
    policy = RetryPolicy(max_attempts, clock=lambda: NOW, sleep=slept.append)
    headers = {"Retry-After": f"{asked:.0f}"}
    policy.run(lambda: 503, may_retry=lambda _: True, headers_of=lambda _: headers, before_wait=lambda *_: None)
    return slept


@given(attempt=st.integers(1, 1000), asked=st.none() | st.integers(0, 10**6), random=st.floats(0, 1))
def test_a_wait_is_jittered_capped_and_at_least_what_was_asked(attempt, asked, random):
    policy = RetryPolicy(5, clock=lambda: NOW, uniform=lambda low, high: low + random * (high - low))
    wait = policy.wait(attempt, {} if asked is None else {"Retry-After": str(asked)})

    assert 0 <= wait <= LONGEST_WAIT_SECONDS
    assert wait >= min(asked or 0, LONGEST_WAIT_SECONDS)
    if asked is None and random == 0:
        assert wait == 0  # full jitter reaches down to nothing


def test_attempts_are_counted_and_the_last_outcome_comes_back():
    slept, sent = [], iter([503, 503, 503, 200])
    policy = RetryPolicy(3, clock=lambda: NOW, sleep=slept.append)
    outcome = policy.run(
        lambda: next(sent),
        may_retry=lambda status: status == 503,
        headers_of=lambda _: {},
        before_wait=lambda *_: None,
    )

    assert outcome == 503
    assert len(slept) == 2


def test_cancelled_during_a_wait_nothing_more_is_sent():
    sent = []
    policy = RetryPolicy(5, clock=lambda: NOW, sleep=lambda _: policy.cancelled.set())
    outcome = policy.run(
        lambda: sent.append(503) or 503,
        may_retry=lambda _: True,
        headers_of=lambda _: {},
        before_wait=lambda *_: None,
    )

    assert outcome == 503
    assert sent == [503]


def test_what_an_attempt_raises_comes_through_at_once():
    def fail():
        raise KeyboardInterrupt

    policy = RetryPolicy(3, clock=lambda: NOW, sleep=lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        policy.run(fail, may_retry=lambda _: True, headers_of=lambda _: {}, before_wait=lambda *_: None)
