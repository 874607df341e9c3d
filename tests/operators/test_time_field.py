"""Records from outside of what ``since`` and ``until`` asked for: over a real socket, as a list and as a file."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError, UnknownFieldError
from airflow_provider_orgauth.operators.interval import Interval
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.operators.time_field import TimeField
from airflow_provider_orgauth.operators.time_format import FORMATS, unit_of, written
from airflow_provider_orgauth.paging.paginator import Page
from airflow_provider_orgauth.paging.raw import Raw

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
CONTEXT = {
    "data_interval_start": START,
    "data_interval_end": END,
    "ti": SimpleNamespace(dag_id="dag", task_id="t", run_id="run", map_index=-1),
}
NOON = 1_767_268_800
DEVICES = "/api/v1/organization/devices"


@pytest.fixture(params=["a result", "a file"])
def execute(request, orgauth_emulator, monkeypatch, tmp_path):
    """Return a function that runs the operator on pages of two records, and returns the records."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
    file = tmp_path / "list.jsonl"

    def run(*records, **arguments):
        for page in range(0, len(records), 2):
            body = json.dumps({"content": records[page : page + 2], "totalElements": len(records)})
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            orgauth_emulator.fault("raw", DEVICES, status=200, headers=headers, body=body)
        if request.param == "a file":
            arguments["output_path"] = str(file)
        arguments = {"since": "from", "until": "to", "time_field": "ts", **arguments}
        operator = OrgApiOperator(task_id="t", endpoint=DEVICES, pagination={"size": 2}, max_concurrency=1, **arguments)
        try:
            result = operator.execute(CONTEXT)
        except Exception:
            assert not [path for path in tmp_path.rglob("*") if path.is_file()]
            raise
        return result if request.param == "a result" else [json.loads(line) for line in file.open()]

    return run


@pytest.mark.parametrize(
    "times",
    [
        [NOON, NOON + 1, NOON + 2.5],
        [NOON * 1000, str(NOON), NOON * 10**6],
        ["2026-01-01T12:00:00Z", "2026-01-01T23:00:00-01:00", "2026-01-01 12:00", "20260101T120000Z"],
        ["2026-01-01", "2026-01-02", "20260101"],
        ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],  # either end
        [None, NOON],
    ],
)
def test_records_within(execute, times):
    records = [{"id": number, "ts": time} for number, time in enumerate(times)]
    assert execute(*records) == records


def test_nothing_to_judge(execute):
    assert execute({"id": 1}, {"id": 2, "ts": NOON}) == [{"id": 1}, {"id": 2, "ts": NOON}]
    assert execute({"at": {"ts": NOON}}, time_field="at.ts") == [{"at": {"ts": NOON}}]


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (NOON - 86_400, r"Record 1 of page 2 is of 2025-12-31T12:00:00\+00:00, before .*, which since='from' asked"),
        ("2025-12-30", r"before 2026-01-01T00:00:00\+00:00, which since='from' asked for\. A server ignores a query"),
        ((NOON + 86_400) * 1000, r"of 2026-01-02T12:00:00\+00:00, after 2026-01-02T.*, which until='to' asked for"),
        ("2026-01-02T00:00:00.002Z", "after"),
    ],
)
def test_a_record_from_outside(execute, time, message):
    with pytest.raises(ResponseError, match=message):
        execute({"ts": NOON}, {"ts": NOON}, {"ts": time})


def test_a_side_that_was_not_asked_for_is_not_judged(execute):
    assert execute({"ts": NOON + 10**6}, until=None) == [{"ts": NOON + 10**6}]
    assert execute({"ts": NOON - 10**6}, since=None) == [{"ts": NOON - 10**6}]


def test_what_the_format_cut_off_is_inside(execute):
    early = {"ts": "2025-12-31T00:00:01Z"}
    with pytest.raises(ResponseError, match="before"):
        execute(early, time_format="%Y-%m-%d %H:%M")
    assert execute(early, time_format="%Y-%m-%d") == [early]


def test_a_name_that_no_record_has(execute):
    with pytest.raises(UnknownFieldError, match=r"time_field: no record has 'Ts'\. Did you mean 'ts'\?"):
        execute({"id": 1, "ts": NOON}, {"id": 2, "ts": NOON}, {"id": 3}, time_field="Ts")


def test_a_name_that_no_record_need_have(execute, caplog):
    assert execute({"id": 1}, require_fields=False) == [{"id": 1}]
    assert "time_field: no record has 'ts'." in caplog.text


@pytest.mark.parametrize("time", ["yesterday", True, {}, [NOON], 1e300, 10**18, "", "2026-13-01"])
def test_what_is_no_time(execute, time):
    with pytest.raises(ResponseError, match=r"time_field: Record 1 of page 1 has no time in 'ts', but .* Name a field"):
        execute({"ts": time})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time_field": ""}, "time_field: is no name"),
        ({"time_field": "{{ ds }}"}, "time_field"),
        ({"since": None}, "time_field: needs since or until"),
        ({"pagination": None}, "time_field: is about the records of a list"),
    ],
)
def test_what_does_not_go_together_is_known_when_the_dag_is_parsed(arguments, message):
    arguments = {"time_field": "ts", "since": "from", "pagination": {}, **arguments}
    with pytest.raises(ConfigurationError, match=message):
        OrgApiOperator(task_id="t", endpoint="/x", **arguments)


@given(
    st.datetimes(min_value=datetime(1975, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.floats(-3, 3),
    st.sampled_from([*FORMATS, "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y %m", "%Y"]),
    st.sampled_from(["iso8601", "epoch_s", "epoch_ms"]),
)
def test_never_inside_the_interval_always_where_it_is_units_away(since, days, time_format, written_in):
    """Whatever either side cuts off: what was asked for is let be, and what is two units away is refused."""
    until, unit = since + timedelta(days=1), unit_of(time_format)
    time = since + timedelta(days=days)
    field = TimeField("t", Interval(since, until), asked=("from", "to"), unit=unit, require=True)
    record = Raw(json.dumps({"t": written(time, written_in)}).encode())
    away = max(since - time, time - until)

    def judged():
        return [*field.within(iter_of(Page(1, [record], None)))]

    if away <= timedelta():
        assert judged()
    elif away > 2 * unit + timedelta(seconds=1):
        with pytest.raises(ResponseError):
            judged()


def iter_of(page):
    """Yield one page, as a walk does."""
    yield page
