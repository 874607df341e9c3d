"""When a request is sent again, and after how long."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.retry import (
    BUSY_STATUSES,
    IDEMPOTENT_METHODS,
    LONGEST_WAIT,
    RetryPolicy,
    may_resend,
    retry_after,
)
from airflow_provider_orgauth.oauth.steps import Lost
from fuzz.targets import retry_after as retry_header

NOW = 1_766_000_000.0
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH", "get", "post"])
causes = st.sampled_from(["network", "certificate", "request"])
outcomes = st.integers(200, 599) | st.builds(Lost, st.just("x"), st.booleans(), causes)


@given(method=methods, outcome=outcomes, key=st.booleans())
def test_what_may_have_been_done_is_not_done_twice(method, outcome, key):
    again = may_resend(method, {"idempotency-KEY": "k"} if key else {}, outcome)

    if isinstance(outcome, Lost) and outcome.permanent:
        assert not again
    if again and method.upper() not in IDEMPOTENT_METHODS and not key:
        assert outcome == 429 or (isinstance(outcome, Lost) and not outcome.reached_server)
    if not isinstance(outcome, Lost):
        assert not again or outcome in BUSY_STATUSES


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("007", 7),
        ("99999999999999999999", LONGEST_WAIT),
        ("Wed, 17 Dec 2025 19:33:30 GMT", 10),
        ("Wednesday, 17-Dec-25 19:33:30 GMT", 10),
        ("Wed Dec 17 19:33:30 2025", 10),
        ("Wed, 17 Dec 2025 19:33:10 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("", None),
        ("-7", None),
        ("7.5", None),
        ("soon", None),
        ("\u0667", None),
        ("1e3", None),
        ("Wed, 99 Dec 2025 99:99:99 GMT", None),
    ],
)
def test_retry_after_in_both_forms_and_nonsense(value, seconds):
    assert retry_after({"RETRY-after": value}, now=NOW) == seconds


@given(ahead=st.integers(-(10**6), 10**6), hours=st.integers(-12, 12))
def test_a_date_means_the_same_in_every_zone(ahead, hours):
    date = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=ahead)
    written = format_datetime(date.astimezone(timezone(timedelta(hours=hours))))

    assert retry_after({"retry-after": written}, now=NOW) == min(max(ahead, 0), LONGEST_WAIT)


@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@example(value="9" * 5000)
@example(value="Mon, 1 Jan 99999 00:00:00 GMT")
def test_no_header_value_breaks_it(value):
    seconds = retry_after({"Retry-After": value}, now=NOW)

    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


@given(attempt=st.integers(1, 1000), asked=st.none() | st.integers(0, 10**6), random=st.floats(0, 1))
def test_a_wait_is_jittered_capped_and_at_least_what_was_asked(attempt, asked, random):
    policy = RetryPolicy(5, clock=lambda: NOW, uniform=lambda low, high: low + random * (high - low))
    wait = policy.wait(attempt, {} if asked is None else {"Retry-After": str(asked)})

    assert 0 <= wait <= LONGEST_WAIT
    assert wait >= min(asked or 0, LONGEST_WAIT)
    if asked is None and random == 0:
        assert wait == 0  # full jitter reaches down to nothing


def test_attempts_are_counted_and_the_last_outcome_comes_back():
    slept, sent = [], iter([503, 503, 503, 200])
    policy = RetryPolicy(3, clock=lambda: NOW, sleep=slept.append)
    outcome = policy.run(
        lambda: next(sent),
        again=lambda status: status == 503,
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
        again=lambda _: True,
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
        policy.run(fail, again=lambda _: True, headers_of=lambda _: {}, before_wait=lambda *_: None)


headers = st.text(max_size=30) | st.binary(max_size=30).map(lambda value: value.decode("latin-1"))
dates = st.tuples(
    st.sampled_from(["Wed, ", "Wednesday, ", "Wed ", ""]),
    st.integers(-1, 99).map(str),
    st.sampled_from([" Dec ", "-Dec-", " dec ", " Foo "]),
    st.integers(0, 10**4).map(str) | st.sampled_from(["1e3", "99999", f"{10**12}"]),
    st.sampled_from([" 19:33:30", " 24:60:60", " 7:3", "", " 19.33.30"]),
    st.sampled_from([" GMT", "", " -0000", " +9999", " EST", " UTC+1", " -2400"]),
).map("".join)


@given(value=headers | dates | st.integers().map(str))
@example(value="Wed, 17 Dec 2025 19:33:30 +9999")
def test_any_header_is_a_wait_within_the_cap_or_none(value):
    retry_header.check(value)
