"""Since when, until when: from a context, as parameters, and what a watermark does. In real runs: tests/airflow."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.arguments import IntervalArguments
from airflow_provider_orgauth.operators.interval import Interval, interval_of, params_of
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.operators.time_format import FORMATS, check_time_format, written
from airflow_provider_orgauth.operators.watermark import read_watermark

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
RUN = {"data_interval_start": START, "data_interval_end": END}
DEVICES = "/api/v1/organization/devices"


def make(**arguments):
    return OrgApiOperator(task_id="t", endpoint="/x", **arguments)


def asked(context, **arguments):
    about_times = IntervalArguments.of(make(**arguments))
    return params_of(about_times, interval_of(about_times, context))


# How times are written


@pytest.mark.parametrize(
    ("time_format", "text"),
    [
        ("epoch_ms", 1767225600123),
        ("epoch_s", 1767225600),
        ("iso8601", "2026-01-01T00:00:00.123999+00:00"),
        ("iso8601_z", "2026-01-01T00:00:00.123999Z"),
        ("iso8601_s", "2026-01-01T00:00:00Z"),
        ("iso8601_ms", "2026-01-01T00:00:00.123Z"),
        ("%Y-%m-%d %H:%M:%S", "2026-01-01 00:00:00"),
        ("%d.%m.%y, %I:%M %p", "01.01.26, 12:00 AM"),
        ("%a, %d %b %Y %H:%M:%S GMT", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("%Y%j%%%f%z %Z", "2026001%123999+0000 UTC"),
    ],
)
def test_formats(time_format, text):
    check_time_format(time_format)
    assert written(START + timedelta(microseconds=123_999), time_format) == text


@pytest.mark.parametrize("name", FORMATS)
def test_each_name_of_a_format_is_written_as_a_time(name):
    assert "2026" in str(written(START, name)) or str(written(START, name)).startswith("1767225600")


def test_a_moment_without_a_fraction_and_long_ago():
    assert written(START, "iso8601_z") == "2026-01-01T00:00:00Z"
    assert written(datetime(33, 4, 3, tzinfo=UTC), "%Y-%m-%d") == "0033-04-03"


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "",
            "Y-m-d",
            "epoch",
            "ISO8601",
            "%H:%M",
            "%m-%d",
            "%Y-%s",
            "%c",
            "%Y %x",
            "%Y-%-d",
            "%Y %",
            "%Y %I",
            "%Y %p",
        ),
        *("%Y\n%m", "%Y\ud800", None, 5, b"%Y", ["%Y"]),
    ],
)
def test_what_is_no_format_is_refused(wrong):
    with pytest.raises(ConfigurationError, match=r"^time_format: .* Write one of epoch_ms, .*, or a format"):
        check_time_format(wrong)


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)), st.sampled_from("YymBbdjAaHIpMSf"))  # noqa: DTZ001
def test_a_directive_is_what_strftime_makes_of_it(time, directive):
    assert written(time, f"%Y %{directive}") == time.strftime(f"%Y %{directive}")


@given(st.text(st.sampled_from("%Ymds- cxI"), max_size=8))
def test_a_format_that_is_let_be_can_be_written(text):
    try:
        check_time_format(text)
    except ConfigurationError:
        return
    assert isinstance(written(START, text), str)


times = st.datetimes(timezones=st.just(UTC))


@given(times, st.sampled_from(["epoch_ms", "epoch_s"]))
def test_a_number_is_the_last_whole_one_that_is_not_later(time, time_format):
    unit = timedelta(milliseconds=1) if time_format == "epoch_ms" else timedelta(seconds=1)

    number = written(time, time_format)

    assert isinstance(number, int)
    assert timedelta() <= time - (datetime(1970, 1, 1, tzinfo=UTC) + number * unit) < unit


@given(times, times, st.sampled_from(FORMATS[:2]))
def test_what_ends_one_interval_begins_the_next(one, other, time_format):
    """Cut off or not, no moment is between two intervals, and later ones are not written as earlier ones."""
    assert (one <= other) <= (written(one, time_format) <= written(other, time_format))


@given(times, st.sampled_from(["iso8601", "iso8601_z"]))
def test_a_text_is_that_very_moment(time, time_format):
    assert datetime.fromisoformat(written(time, time_format)) == time


@given(times, st.sampled_from(["iso8601_s", "iso8601_ms"]))
def test_a_text_is_the_last_whole_unit_that_is_not_later(time, time_format):
    unit = timedelta(milliseconds=1) if time_format == "iso8601_ms" else timedelta(seconds=1)

    assert timedelta() <= time - datetime.fromisoformat(written(time, time_format)) < unit


@given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones()))  # noqa: DTZ001
def test_any_time_zone_is_the_same_moment(time):
    context = {"data_interval_start": time, "data_interval_end": time.astimezone(UTC) + timedelta(days=1)}

    assert asked(context, since="from")["from"] == written(time.astimezone(UTC), "epoch_ms")


# What a run asks for


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {}),
        ({"since": "from"}, {"from": 1767225600000}),
        ({"until": "to"}, {"to": 1767312000000}),
        ({"since": "from", "until": "to", "time_format": "epoch_s"}, {"from": 1767225600, "to": 1767312000}),
        ({"since": "from", "time_format": "iso8601"}, {"from": "2026-01-01T00:00:00+00:00"}),
        ({"since": "from", "time_format": "%Y-%m-%d"}, {"from": "2026-01-01"}),
    ],
)
def test_the_data_interval_as_parameters(arguments, expected):
    assert asked(RUN, **arguments) == expected


def test_pendulums_times_are_times():
    import pendulum

    berlin = pendulum.datetime(2026, 1, 1, 1, tz="Europe/Berlin")
    context = {"data_interval_start": berlin, "data_interval_end": berlin.add(days=1)}

    assert asked(context, since="from", until="to", time_format="iso8601") == {
        "from": "2026-01-01T00:00:00+00:00",
        "to": "2026-01-02T00:00:00+00:00",
    }


def test_the_hour_that_comes_twice():
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    context = {"data_interval_start": second, "data_interval_end": second + timedelta(days=1)}

    assert asked(context, since="from", time_format="iso8601") == {"from": "2026-10-25T01:30:00+00:00"}


def test_a_time_without_a_zone_is_utc():
    context = {name: time.replace(tzinfo=None) for name, time in RUN.items()}

    assert asked(context, since="from") == {"from": 1767225600000}


@pytest.mark.parametrize("context", [{}, {**RUN, "data_interval_start": None}, {**RUN, "data_interval_end": None}])
def test_a_run_without_an_interval_says_what_to_do(context):
    with pytest.raises(ConfigurationError, match=r"^since: this run has no data interval\. .* or use watermark"):
        asked(context, since="from")


def test_an_empty_interval_is_no_answer_for_every_night():
    context = {**RUN, "data_interval_start": END}

    with pytest.raises(ConfigurationError, match=r"^since: this run's data interval is empty"):
        asked(context, since="from", until="to")
    assert asked(context, until="to") == {"to": 1767312000000}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"since": "from", "time_format": "epoch"}, "time_format"),
        ({"watermark": "w"}, "watermark"),
        ({"watermark": "w", "until": "to"}, "watermark"),
        ({"watermark": "w", "since": "from"}, "watermark"),
    ],
)
def test_what_does_not_go_together_is_refused_by_its_name(arguments, name):
    with pytest.raises(ConfigurationError, match=f"^{name}: ") as caught:
        asked(RUN, **arguments)
    assert isinstance(caught.value, AirflowFailException)


def test_what_is_asked_for_as_texts():
    assert Interval(START, None).to_dict() == {"since": "2026-01-01T00:00:00+00:00"}
    assert Interval(START, END).to_dict()["until"] == "2026-01-02T00:00:00+00:00"
    assert Interval(None, None).to_dict() == {}


# The watermark. A Variable in the environment can be read outside of a task too, and not be written.


@pytest.fixture
def watermark(monkeypatch):
    """Return a function that lets the watermark ``w`` stand somewhere."""
    return lambda text: monkeypatch.setenv("AIRFLOW_VAR_ORGAUTH_WATERMARK_W", text)


WITH_WATERMARK = {"since": "from", "until": "to", "watermark": "w", "output_path": "/tmp/x"}


@pytest.mark.parametrize("text", ["2026-01-01T12:00:00+00:00", "2026-01-01T12:00:00", "2026-01-01T13:00:00+01:00"])
def test_it_goes_on_where_the_watermark_stands(watermark, text):
    watermark(text)

    assert asked(RUN, **WITH_WATERMARK) == {"from": 1767268800000, "to": 1767312000000}
    assert asked(RUN, **{**WITH_WATERMARK, "until": None}) == {"from": 1767268800000}


def test_what_is_no_time_is_said(watermark):
    watermark("yesterday")

    with pytest.raises(ConfigurationError, match=r"^Variable orgauth_watermark_w: is no time"):
        asked(RUN, **WITH_WATERMARK)


@pytest.mark.parametrize("stands", [END, END + timedelta(days=1)])
def test_a_run_that_is_behind_the_watermark_is_skipped(watermark, stands):
    watermark(stands.isoformat())

    with pytest.raises(AirflowSkipException, match="The watermark 'w' is at 2026-01-0"):
        asked(RUN, **WITH_WATERMARK)


def test_the_end_of_a_run_is_the_same_in_each_try(watermark):
    watermark("2025-01-01T00:00:00+00:00")
    run = SimpleNamespace(run_after=END, logical_date=None, start_date=END + timedelta(hours=1))

    assert asked({"dag_run": run}, **WITH_WATERMARK)["to"] == 1767312000000
    run.run_after = None
    assert asked({"dag_run": run}, **WITH_WATERMARK)["to"] == 1767315600000
    with pytest.raises(ConfigurationError, match=r"^watermark: this run has no time"):
        asked({}, **WITH_WATERMARK)


def test_a_watermark_never_moves_back(watermark):
    watermark((END + timedelta(days=1)).isoformat())

    Interval(START, END, "w").done()  # to write it would fail, outside of a task and behind the environment
    assert read_watermark("w") == END + timedelta(days=1)


def test_without_a_watermark_there_is_nothing_to_move(watermark):
    watermark("no time")

    Interval(START, END).done()
    Interval(START, None, "w").done()


# On the wire


@pytest.fixture
def execute(orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")

    def run(context, **arguments):
        return OrgApiOperator(task_id="t", endpoint=DEVICES, **arguments).execute(context)

    return run


@pytest.mark.parametrize("pagination", [None, {"size": 1000}])
def test_parameters_are_part_of_each_request(execute, pagination):
    queries = []

    def check(response):
        queries.append(dict(parse_qsl(urlsplit(response.url).query)))
        return True

    execute(
        RUN,
        since="from",
        until="to",
        params={"sort": "id"},
        pagination=pagination,
        response_check=check,
        response_filter=lambda answer: None,
    )

    assert len(queries) == (1 if pagination is None else 3)
    for query in queries:
        assert query.items() >= {"sort": "id", "from": "1767225600000", "to": "1767312000000"}.items()


def test_the_manifest_says_what_was_asked_for(execute, tmp_path):
    manifest = execute(RUN, since="from", until="to", pagination={"size": 1000}, output_path=str(tmp_path / "a.jsonl"))

    assert (manifest["since"], manifest["until"]) == ("2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00")
