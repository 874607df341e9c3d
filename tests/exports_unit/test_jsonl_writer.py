"""One record, one line: as it came, but for white space between its values."""

import pytest

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.exports.jsonl_writer import lines_of
from airflow_provider_orgauth.paging.body import JsonBody
from airflow_provider_orgauth.paging.raw import Raw


def records(text):
    return JsonBody(text.encode()).array("")


def test_no_records_are_no_lines():
    assert lines_of([]) == b""


def test_a_record_stays_as_it_came():
    text = '{"b": 1.00,"a":"\\u00e9é\\n", "big": 123456789012345678901234567890, "tiny":1E-400}'

    assert lines_of(records(f"[{text},\n {text}]")) == f"{text}\n{text}\n".encode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_is_written_for_the_eye_becomes_one_line(end):
    text = '[{\n  "a": [\n    1.10,\n    2\n  ],\n  "b": "x  \\r\\n y"\n}, 3]'.replace("\n", end)

    assert lines_of(records(text)) == b'{"a":[1.10,2],"b":"x  \\r\\n y"}\n3\n'


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", '\\\\\\ud800\\"'])
def test_half_a_surrogate_pair_costs_no_digits(half):
    text = f'[{{"a": "{half}  ",\r\n "n": 0.1000000000000000055511151231257827, "e": 1e999}}]'

    assert (
        lines_of(records(text)) == f'{{"a":"{half}  ","n":0.1000000000000000055511151231257827,"e":1e999}}\n'.encode()
    )


def test_a_change_is_done_to_each_record_before_its_line_is_made():
    changed = lines_of(records("[1, 2]"), lambda record: Raw(b"[\n" + bytes(memoryview(record)) + b"]"))

    assert changed == b"[1]\n[2]\n"


def test_no_line_is_made_of_what_is_no_json():
    with pytest.raises(ResponseError, match="not JSON"):
        lines_of([Raw(b'{"a":\n"\\ud800"')])
