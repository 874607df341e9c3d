"""For how long a server asks to wait, in the headers that servers have for it."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.asked_wait import asked_wait, is_rate_limit, until
from airflow_provider_orgauth.client.wait_values import YEAR_SECONDS, seconds_until
from fuzz.targets import asked_wait as target

NOW = 1_766_000_000.0
IN_30_S = int(NOW) + 30


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("007", 7),
        ("7.5", 7.5),
        ("86400", 86400),
        (str(IN_30_S), 30),
        (f"{IN_30_S}000", 30),
        ("1m30s", 90),
        ("500ms", 0.5),
        ("2025-12-17T19:33:30Z", 10),
        ("Wed, 17 Dec 2025 19:33:30 GMT", 10),
        ("Wednesday, 17-Dec-25 19:33:30 GMT", 10),
        ("Wed Dec 17 19:33:30 2025", 10),
        ("Wed, 17 Dec 2025 19:33:10 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", YEAR_SECONDS),
        ("7, 7", 7),
        ("7,30", 30),
        ("7, soon", None),
        ("99999999999999999999", None),
        ("", None),
        ("-7", None),
        ("soon", None),
        ("\u0667", None),
        ("1e3", None),
        ("Wed, 99 Dec 2025 99:99:99 GMT", None),
    ],
)
def test_retry_after_in_both_forms_others_and_nonsense(value, seconds):
    assert asked_wait({"RETRY-after": value}, now=NOW) == seconds


@pytest.mark.parametrize("off", [-300, 0, 300])
@pytest.mark.parametrize(
    "header",
    [
        ("Retry-After", "Wed, 17 Dec 2025 19:33:30 GMT"),
        ("X-RateLimit-Reset", str(IN_30_S - 20)),
        ("X-RateLimit-Reset-Minute", f"{IN_30_S - 20}000"),
        ("X-Retry-After", "2025-12-17T19:33:30Z"),
    ],
)
def test_a_time_is_compared_with_the_answers_own_date(header, off):
    """Whatever this machine's clock says, it is 10 s after the answer was made."""
    headers = {"DATE": formatdate(NOW, usegmt=True), **dict([header]), "x-ratelimit-remaining": "0"}

    assert asked_wait(headers, now=NOW + off) == 10
    assert asked_wait({**headers, "Age": "4"}, now=NOW + off) == 6
    assert is_rate_limit(403, headers, now=NOW + off)


@pytest.mark.parametrize("date", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_date_that_no_clock_shows_is_not_compared_with(date):
    assert asked_wait({"date": date, "retry-after": "Wed, 17 Dec 2025 19:33:30 GMT"}, now=NOW) == 10


def test_seconds_are_seconds_whatever_the_date():
    assert asked_wait({"date": formatdate(NOW - 300, usegmt=True), "retry-after": "7"}, now=NOW) == 7


@given(ahead=st.integers(-(10**6), 10**6), hours=st.integers(-12, 12))
def test_a_date_means_the_same_in_every_zone(ahead, hours):
    date = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=ahead)
    local = date.astimezone(timezone(timedelta(hours=hours)))

    assert asked_wait({"retry-after": format_datetime(local)}, now=NOW) == max(ahead, 0)
    assert seconds_until(local.isoformat(), now=NOW) == ahead


@given(ahead=st.integers(1, 10**6), now=st.integers(1_000_000_000, 4_000_000_000))
def test_seconds_moments_and_moments_in_milliseconds_are_told_apart_by_their_size(ahead, now):
    for written in (ahead, now + ahead, (now + ahead) * 1000, f"{now + ahead}.0"):
        assert seconds_until(str(written), now=now) == pytest.approx(ahead)


@given(
    ahead=st.integers(1, 40),
    wrong=st.integers(-(10**8), 10**8),
)
def test_a_clock_that_is_years_off_takes_no_seconds_for_a_moment(ahead, wrong):
    assert seconds_until(str(ahead), now=NOW + wrong) == ahead


RESETS = {"seconds": "30", "epoch": str(IN_30_S), "epoch ms": f"{IN_30_S}000", "float": "30.0", "Go": "30s"}


@pytest.mark.parametrize("value", RESETS.values(), ids=RESETS)
@pytest.mark.parametrize(
    ("remaining", "reset"),
    [
        ("X-RateLimit-Remaining", "X-RateLimit-Reset"),
        ("x-rate-limit-remaining", "x-rate-limit-reset"),
        ("RateLimit-Remaining", "RateLimit-Reset"),
        ("X-RateLimit-Remaining", "X-RateLimit-Reset-After"),
        ("X-RateLimit-Remaining", "X-RateLimit-Retry-After"),
        ("X-Rate-Limit-Remaining-Minute", "X-Rate-Limit-Reset-Minute"),
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("vendor-ratelimit-requests-remaining", "vendor-ratelimit-requests-reset"),
        ("X-RateLimit-Remaining", "X-RateLimit-Reset-At"),
    ],
)
def test_a_limit_of_which_nothing_remains(remaining, reset, value):
    assert asked_wait({remaining: "0", reset: value}, now=NOW) == 30
    assert asked_wait({remaining: "0.0", reset: value}, now=NOW) == 30
    assert asked_wait({reset: value}, now=NOW) == 30
    assert asked_wait({remaining: "1", reset: value}, now=NOW) is None
    assert is_rate_limit(403, {remaining: "0"}, now=NOW)
    assert not is_rate_limit(403, {remaining: "1", reset: value}, now=NOW)
    assert not is_rate_limit(403, {reset: value}, now=NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("limit=100, remaining=0, reset=30", 30),
        ("limit=100,remaining=7,reset=30", None),
        ("limit=100, reset=30", 30),
        ('"default";r=0;t=30', 30),
        ("default;r=0;t=30", 30),
        ('"default";r=7;t=30', None),
        ('"burst";r=7;t=2, "daily";r=0;t=50000', 50000),
        ('"burst";r=0;t=2, "daily";r=7;t=50000', 2),
        ('"burst";r=0;t=2, "daily";r=0;t=50000', 50000),
        ('"a;r=0;t=9, b";r=1;t=30', None),
        ('"a\\";r=0;t=9";r=1;t=30', None),
        ('"default";r=0', None),
        ('"default";r=0;t=soon', None),
        ('"default"', None),
        ("", None),
    ],
)
def test_the_drafts_one_header(value, seconds):
    assert asked_wait({"RateLimit": value}, now=NOW) == seconds
    assert asked_wait({"RateLimit": value, "RateLimit-Policy": '"default";q=100;w=60'}, now=NOW) == seconds


def test_of_several_limits_those_count_of_which_nothing_remains():
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m30s",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6h0m0s",
    }

    assert asked_wait(headers, now=NOW) == 90
    assert asked_wait({**headers, "x-ratelimit-remaining-tokens": "0"}, now=NOW) == 6 * 3600


def test_where_no_limit_says_what_remains_the_first_to_end_counts():
    assert asked_wait({"X-Rate-Limit-Reset-Hour": "3000", "X-Rate-Limit-Reset-Second": "1"}, now=NOW) == 1


def test_retry_after_counts_before_all():
    limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3000"}

    assert asked_wait({"Retry-After": "5", **limit}, now=NOW) == 5
    assert asked_wait({"Retry-After": "nonsense", **limit}, now=NOW) == 3000


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After-Ms": "1500"},
        {"x-ms-retry-after-ms": "1500"},
        {"X-Retry-After": "1.5"},
        {"X-RateLimit-Reset-Ms": "1500"},
        {"X-RateLimit-Reset-Ms": "1766000001500"},
    ],
    ids=str,
)
def test_milliseconds_that_the_name_says(headers):
    assert asked_wait(headers, now=NOW) == 1.5


@pytest.mark.parametrize("reset", ["0", str(int(NOW)), str(int(NOW) - 500), "Wed, 17 Dec 2025 19:33:10 GMT", "-1", ""])
def test_a_reset_that_is_over_says_nothing(reset):
    assert asked_wait({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, now=NOW) is None


@pytest.mark.parametrize(
    ("status", "headers", "is_one"),
    [
        (429, {}, True),
        (403, {}, False),
        (403, {"Retry-After": "30"}, True),
        (403, {"Retry-After": "0"}, True),
        (403, {"Retry-After": "soon"}, False),
        (403, {"RateLimit": '"default";r=0;t=30'}, True),
        (403, {"X-RateLimit-Remaining": "-1"}, False),
        (200, {"X-RateLimit-Remaining": "0", "Retry-After": "30"}, False),
        (401, {"Retry-After": "30"}, False),
        (404, {"X-RateLimit-Remaining": "0"}, False),
        (503, {"Retry-After": "30"}, False),
    ],
)
def test_what_is_a_rate_limit(status, headers, is_one):
    assert is_rate_limit(status, headers, now=NOW) is is_one


def test_a_time_is_told_in_utc():
    assert until(30, now=NOW) == "2025-12-17 19:33:50 UTC"


texts = st.text(max_size=30) | st.binary(max_size=30).map(lambda value: value.decode("latin-1"))
dates = st.tuples(
    st.sampled_from(["Wed, ", "Wednesday, ", "Wed ", ""]),
    st.integers(-1, 99).map(str),
    st.sampled_from([" Dec ", "-Dec-", " dec ", " Foo "]),
    st.integers(0, 10**4).map(str) | st.sampled_from(["1e3", "99999", f"{10**12}"]),
    st.sampled_from([" 19:33:30", " 24:60:60", " 7:3", "", " 19.33.30"]),
    st.sampled_from([" GMT", "", " -0000", " +9999", " EST", " UTC+1", " -2400"]),
).map("".join)
numbers = st.integers().map(str) | st.floats().map(str)
units = st.sampled_from(["d", "h", "m", "s", "ms", "us", "µs", "ns"])
durations = st.lists(st.tuples(st.integers(0, 10**20), units), max_size=4).map(
    lambda parts: "".join(f"{count}{unit}" for count, unit in parts)
)
iso_dates = st.datetimes().map(lambda date: f"{date.isoformat()}Z")
drafts = st.lists(
    st.tuples(st.sampled_from(['"a"', "a", '"a;r=0,"', '"']), numbers | st.just("0"), numbers).map(
        lambda item: f"{item[0]};r={item[1]};t={item[2]}"
    ),
    max_size=3,
).map(", ".join)
values = st.sampled_from(["0", "1"]) | texts | dates | numbers | durations | iso_dates | drafts
names = st.sampled_from(
    [
        "Retry-After",
        "Retry-After-Ms",
        "RateLimit",
        "RateLimit-Reset",
        "RateLimit-Remaining",
        "X-RateLimit-Reset",
        "X-RateLimit-Remaining",
        "x-rate-limit-reset-minute",
        "x-rate-limit-remaining-minute",
        "X-Rate-Limit-Reset-Ms",
        "x-ratelimit--",
    ]
)


@given(headers=st.dictionaries(names, values, max_size=5))
@example(headers={"Retry-After": "Wed, 17 Dec 2025 19:33:30 +9999"})
@example(headers={"Retry-After": "9" * 5000})
@example(headers={"RateLimit-Reset": "Mon, 1 Jan 99999 00:00:00 GMT"})
@example(headers={"RateLimit-Reset": "0001-01-01T00:00:00+23:59"})
def test_any_headers_are_a_wait_within_bounds_or_none(headers):
    target.check(headers)


@given(value=texts | dates | numbers)
def test_any_date_is_a_time_or_none(value):
    target.check_date(value)
