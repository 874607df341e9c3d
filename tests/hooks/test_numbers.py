"""NaN, Infinity and numbers that nothing holds: one rule for single calls, lists, results and files."""

import json
import math
import re
import sys
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server

LONG = "1" * 5000
NO_JSON = ["NaN", "Infinity", "-Infinity"]
TOO_MUCH = ["1e999", "-1e999", "1E400", "1.7976931348623159e308", f"{LONG}.0", f"1e{LONG}", LONG, f"-{LONG}"]
SHORT = {"ids": lambda value: str(value)[:12]}


@pytest.fixture
def serve(hook_on):
    """Return a context: a server that gives one body, and a hook on it."""

    @contextmanager
    def serving(body, content_type="application/json"):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        with hostile_server(api=lambda peer: peer.send((head + body).encode())) as server:
            yield hook_on(server)

    return serving


def execute(**arguments):
    return OrgApiOperator(task_id="t", endpoint="/x", **arguments).execute({})


def page(number):
    return f'{{"items": [{{"id": 1}}, {{"id": 2, "v": {{"w": [0.5, {number}]}}}}]}}'


@pytest.mark.parametrize("number", NO_JSON)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_nan_is_refused_everywhere_with_where_it_is(serve, tmp_path, number, content_type):
    refused = rf"is not JSON: {number} at 'items\[1\].v.w\[1\]' is none of its numbers"
    with serve(page(number), content_type) as hook:
        for arguments in (
            {},
            {"do_xcom_push": False},
            {"response_filter": "items[0]"},
            {"response_check": "items"},
            {"pagination": "single"},
            {"pagination": "single", "response_filter": "[0]"},
            {"pagination": "single", "output_path": str(tmp_path / "a.jsonl")},
            {"pagination": "single", "output_path": str(tmp_path / "a.parquet")},
        ):
            with pytest.raises(errors.NumberError, match=refused):
                execute(**arguments)
        with pytest.raises(errors.NumberError, match=refused):
            list(hook.paginate("/x", pagination="single"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", TOO_MUCH, **SHORT)
def test_a_number_that_nothing_holds_is_refused_where_it_is_decoded(serve, number):
    with serve(page(number)) as hook:
        with pytest.raises(errors.NumberError, match=r"^The answer holds .* at 'items\[1\].v.w\[1\]': ") as caught:
            execute()
        assert len(str(caught.value)) < 500
        for read in (
            lambda: execute(pagination="single"),
            lambda: execute(pagination="single", response_filter="[0]"),
            lambda: list(hook.paginate("/x", pagination="single")),
            lambda: list(hook.paginate("/x", pagination="single").pages()),
        ):
            with pytest.raises(errors.NumberError, match=r"^Record 2 of page 1 holds .* at 'v.w\[1\]': ") as caught:
                read()
            assert "JSON Lines keeps its digits" in str(caught.value)
            assert caught.value.__suppress_context__  # a log shows one error


@pytest.mark.parametrize("number", TOO_MUCH, **SHORT)
@pytest.mark.parametrize("spaced", [False, True])
def test_a_file_keeps_the_digits(serve, tmp_path, number, spaced):
    body = page(number).replace("{", "{\n") if spaced else page(number)
    with serve(body):
        execute(pagination="single", output_path=str(tmp_path / "a.jsonl"), drop_fields=["id"])
        execute(pagination="single", output_path=str(tmp_path / "a.parquet"))

    line = (tmp_path / "a.jsonl").read_bytes().splitlines()[1]
    assert f",{number}]" in line.decode().replace(" ", "")

    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "a.parquet").to_pylist()[1]["v"]["w"] == ["0.5", number]


def test_an_exponent_that_no_decimal_holds(serve, tmp_path):
    """Also beside a text, where the column holds JSON."""
    number = "1e" + "9" * 30
    with serve(f'[{{"a": {{"b": {number}}}}}, {{"a": "x"}}]'):
        execute(pagination="single", output_path=str(tmp_path / "a.parquet"))

    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "a.parquet")["a"].to_pylist() == [f'{{"b":{number}}}', "x"]


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("1E-9999", 0.0),
        ("-1e-9999", -0.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("1" * 400, int("1" * 400)),
        ("0.1000000000000000055511151231257827", 0.1),
    ],
    **SHORT,
)
def test_what_is_small_or_long_is_a_number(serve, number, value):
    with serve(page(number)) as hook:
        assert execute(do_xcom_push=False)["items"][1]["v"]["w"][1] == value
        assert repr(list(hook.paginate("/x", pagination="single"))[1]["v"]["w"][1]) == repr(value)


def test_a_total_that_is_no_count_is_none(serve, tmp_path):
    with serve('{"items": [{"a": 1}], "total": 1e999}'):
        manifest = execute(
            pagination={"type": "single", "total": "total"}, records="items", output_path=str(tmp_path / "a.jsonl")
        )

    assert manifest["total"] is None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "{NaN"])
def test_a_text_is_a_text(serve, text):
    with serve(text, "text/plain"):
        assert execute() == text


class Own:
    """What Airflow may know how to write, and JSON does not."""


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (math.nan, "nan, which"),
        ({"a": [0, -math.inf]}, r"-inf at 'a\[1\]', which"),
        ((1, (2, math.inf)), r"inf at '\[1\]\[1\]', which"),
        ({"own": Own(), "b": math.nan}, "nan at 'b', which"),
        ([Decimal("NaN")], r"NaN at '\[0\]', which"),
        ({"a": {math.inf: 1}}, "inf at 'a.inf', which"),
        ({math.inf}, r"inf at '\[0\]', which"),
    ],
)
def test_a_filters_result_that_json_cannot_hold(serve, result, said):
    with serve("[1]"):
        for pagination in (None, "single"):
            said_in_full = rf"^The result holds {said} JSON has no number for\. .*do_xcom"
            with pytest.raises(errors.NumberError, match=said_in_full) as caught:
                execute(response_filter=lambda _: result, pagination=pagination)
            assert caught.value.__context__ is None
            assert execute(response_filter=lambda _: result, pagination=pagination, do_xcom_push=False) is not None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f'{{"a": [{2**64}]}}', r"NumberError: The result holds a whole number beyond 64 bits at 'a\[0\]'"),
        (f'{{"a": {-(2**63) - 1}}}', "NumberError: The result holds a whole number beyond 64 bits at 'a'"),
        (r'{"a": "x\ud800"}', "ResponseError: The result holds half of a surrogate pair at 'a'"),
        (r'[{"\udfff": 1}]', r"ResponseError: The result holds half of a surrogate pair at '\[0\].\?'"),
    ],
)
def test_what_airflow_3_cannot_carry(serve, body, said):
    with serve(body):
        for arguments in ({}, {"response_filter": "@"}, {"response_filter": lambda response: response.json()}):
            if AIRFLOW_V_3_0_PLUS:
                with pytest.raises(errors.ResponseError) as caught:
                    execute(**arguments)
                assert re.match(said, f"{type(caught.value).__name__}: {caught.value}")
            else:
                assert execute(**arguments) == json.loads(body)
            assert execute(**arguments, do_xcom_push=False) == json.loads(body)


def test_whole_numbers_of_64_bits_are_carried(serve):
    with serve(f"[{2**64 - 1}, {-(2**63)}]"):
        assert execute() == [2**64 - 1, -(2**63)]


@pytest.mark.parametrize("expression", ["to_number('1e999')", "{a: sum([n, n])}"])
def test_a_jmespath_filter_may_reach_infinity_too(serve, expression):
    with serve('{"n": 1e308}'), pytest.raises(errors.NumberError, match="The result holds inf"):
        execute(response_filter=expression)


def test_other_results_are_airflows_to_write(serve):
    with serve("[1]"):
        assert isinstance(execute(response_filter=lambda _: Own()), Own)
        assert execute(response_filter=lambda _: {"a": [1.5, None, Decimal("1.5")]})["a"][0] == 1.5


def test_a_record_that_the_walk_decodes_is_named_by_its_page(serve):
    with serve('[{"a": 1e999, "token=s3cr3tpart": 1}]') as hook, pytest.raises(errors.ResponseError) as caught:
        list(hook.paginate("/x", pagination="single"))
    assert "Record 1 of page 1" in str(caught.value)
