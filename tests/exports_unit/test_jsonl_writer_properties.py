"""Any records, written in any way: as many lines, each valid, with the same values and the same digits."""

import decimal
import json

import msgspec
from exports_unit.json_texts import json_texts
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exports.jsonl_writer import lines_of
from airflow_provider_orgauth.paging.body import JsonBody


def exactly(text):
    """A JSON value in which numbers keep their digits, and members their order."""
    return json.loads(text, parse_int=lambda digits: ("int", digits), parse_float=lambda digits: ("float", digits))


@given(st.lists(json_texts, max_size=6), st.sampled_from(["", " ", "\n", "\r\n", "\r", "\t"]))
def test_one_line_per_record_with_the_same_value(texts, space):
    body = f"[{space}" + f"{space},{space}".join(texts) + f"{space}]"

    lines = lines_of(JsonBody(body.encode()).array(""))

    assert lines.count(b"\n") == len(texts)
    assert b"\r" not in lines
    assert [exactly(line) for line in lines.decode().split("\n")[:-1]] == [exactly(text) for text in texts]


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False), min_size=1))
def test_digits_stay(numbers):
    body = json.dumps([f"#{number}" for number in map(str, numbers)], indent=1).replace('"#', "").replace('"', "")
    body = body.replace("E+", "e").replace("E", "e")

    lines = lines_of(JsonBody(body.encode()).array(""))

    assert [decimal.Decimal(line.decode()) for line in lines.split()] == numbers


@given(st.lists(json_texts, min_size=1, max_size=3))
def test_what_is_on_one_line_is_not_touched(texts):
    texts = [text for text in texts if "\n" not in text and "\r" not in text]
    records = [msgspec.Raw(text.strip().encode()) for text in texts]

    assert lines_of(records) == b"".join(bytes(memoryview(record)) + b"\n" for record in records)
