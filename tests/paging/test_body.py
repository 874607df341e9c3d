"""A page of JSON: its records as the bytes that came, and errors that say where they are."""

import pytest

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.paging.body import MISSING, JsonBody
from airflow_provider_orgauth.paging.raw import decode, elements


def records(content, path=None):
    body = JsonBody(content)
    return [bytes(memoryview(record)) for record in body.array(body.only_array() if path is None else path)]


@pytest.mark.parametrize(
    "record",
    [
        b'{"b": 1, "a" :2}',
        b"1.10",
        b"1E5",
        b"-0",
        b"1e400",
        b"123456789012345678901234567890",
        b'"\\u00e4\\/"',
        b'"\xc3\xa4"',
        b"null",
        b"[ ]",
        # What only the standard library reads, it does not write: the bytes stay.
        b'"\\ud800"',
        b'{"\\ud800": 1.10, "x" : [ 1E5 ]}',
        b"1" * 5000,
    ],
    ids=lambda record: repr(record)[:30],
)
@pytest.mark.parametrize("neighbour", [b"1", b'{"\\ud800": 0}'])
@pytest.mark.parametrize("page", [b"[%b,%b]", b'{"content": [ %b , %b ], "n": 2}', b'{"\\ud800":1,"content":[%b,%b]}'])
def test_a_record_stays_the_bytes_that_came(page, neighbour, record):
    assert records(page % (neighbour, record)) == [neighbour, record]


def test_a_byte_order_mark_and_white_space_are_passed_over():
    assert records(b"\xef\xbb\xbf \r\n[1, 2]\n") == [b"1", b"2"]


def test_of_two_equal_keys_the_last_counts():
    assert records(b'{"a": [1], "a": [2, 3]}') == [b"2", b"3"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"not json",
        b"nul",
        b"nullx",
        b"tru",
        b'"x',
        b"12x",
        b"<html>",
        b"[1,]",
        b"[1",
        b"[1] x",
        b"[01]",
        b"[NaN]",
        b"[-Infinity]",
        b'["\\q"]',
        b'["\x01"]',
        b'{"a": [NaN]}',
        b'{"a" 1}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda content: repr(content)[:20],
)
@pytest.mark.parametrize("path", ["", None])
def test_what_is_no_json_is_an_error_and_never_an_empty_list(content, path):
    with pytest.raises(ResponseError, match=r"^A page is not JSON"):
        records(content, path)


@pytest.mark.parametrize("path", ["data.items", "data", "@odata.x", "a.b"])
def test_paths(path):
    content = b'{"data": {"items": [1]}, "a.b": [2], "@odata.x": [3]}'
    found = {"data.items": [1], "data": {"items": [1]}, "@odata.x": [3], "a.b": [2]}

    assert JsonBody(content).value(path) == found[path]


@pytest.mark.parametrize("path", ["x", "data.x", "data.items.x", "data.items.0.x", ".", "data.items."])
def test_a_path_that_leads_nowhere(path):
    content = b'{"data": {"items": [1]}}'
    expected = [1] if path == "data.items." else MISSING

    assert JsonBody(content).value(path) == expected
    assert JsonBody(b"[1]").value(path) is MISSING


def test_null_is_an_array_without_elements():
    assert records(b'{"content": null}', "content") == []
    assert records(b"null") == []


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        (b'{"items": [], "total": 0}', "content", r"nothing at 'content' \(its keys: items, total\)\."),
        (b"{}", "content", r"nothing at 'content' \(it is empty\)\."),
        (b"[]", "content", r"nothing at 'content'\."),
        (b'{"content": {"a": 1}}', "content", r"what is at 'content' is no array \(its keys: content\)\."),
        (b'{"a": 1}', "", r"the answer is no array \(its keys: a\)\."),
        (b"5", None, r"the answer is no array\."),
        (b'{"a": [], "b": []}', None, r"the answer has 2 arrays \(its keys: a, b\)\."),
        (b'{"a": 1}', None, r"the answer has no array \(its keys: a\)\."),
    ],
)
def test_an_error_says_where_records_could_be(content, path, said):
    with pytest.raises(ResponseError, match=rf"^records: .*{said}") as caught:
        records(content, path)

    assert 'records="content"' in str(caught.value)


def test_keys_are_shown_without_what_a_log_line_cannot_bear():
    with pytest.raises(ResponseError) as caught:
        records(b'{"a\\nb": 1, "\\ud800": 0, "token=s3cr3tpart": 2, "' + b"x" * 5000 + b'": 3}')

    said = str(caught.value)
    assert said.encode()
    assert "a b" in said
    assert "s3cr3tpart" not in said
    assert len(said) < 500


def test_a_number_too_long_for_python_is_an_error_only_where_it_is_decoded():
    (record,) = elements(b"[" + b"1" * 5000 + b"]")
    with pytest.raises(ResponseError, match=r"^A page holds a number that cannot be decoded: it has 5,000 digits"):
        decode(record)
