"""Records become rows: what goes together keeps its kind, and what does not is text that tells all of it."""

import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError
from airflow_provider_orgauth.exports import columns, parquet
from airflow_provider_orgauth.exports.formats import encoding_of


def converted(lines, piece=None):
    """The file, and what was said of it."""
    data = b"".join(line + b"\n" for line in lines)
    size = piece or max(len(data), 1)
    output = io.BytesIO()
    said = parquet.convert(lambda: (data[start : start + size] for start in range(0, len(data), size)), output)
    return output, said


def table_of(*records):
    output, said = converted(record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)
    table = pq.read_table(output)
    assert said.rows == len(table) == len(records)
    return table, dict(said.texts)


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ([1, -2, 2**63 - 1, -(2**63)], pa.int64(), [1, -2, 2**63 - 1, -(2**63)]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([2**53, 0.5], pa.float64(), [2.0**53, 0.5]),
        ([True, None], pa.bool_(), [True, None]),
        (["a", None, "é\0"], pa.string(), ["a", None, "é\0"]),
        ([None, None], pa.string(), [None, None]),
        ([[], None], pa.list_(pa.string()), [[], None]),
        ([[1], [2.5, None]], pa.list_(pa.float64()), [[1.0], [2.5, None]]),
        (
            [{"x": 1}, {"y": "b"}, {}, None],
            pa.struct([("x", pa.int64()), ("y", pa.string())]),
            [{"x": 1, "y": None}, {"x": None, "y": "b"}, {"x": None, "y": None}, None],
        ),
    ],
)
def test_kinds_that_go_together(values, kind, read):
    table, texts = table_of(*({"a": value} for value in values))

    assert table.schema == pa.schema([("a", kind)])
    assert table["a"].to_pylist() == read
    assert texts == {}


@pytest.mark.parametrize(
    ("values", "read", "why"),
    [
        (
            ["a", 1, 1.5, True, None, "1"],
            ["a", "1", "1.5", "true", None, "1"],
            "true or false, whole numbers, numbers, text",
        ),
        ([1, {"b": [None, "é"]}], ["1", '{"b":[null,"é"]}'], "whole numbers, objects"),
        ([1, 2**63], ["1", "9223372036854775808"], "whole numbers, numbers beyond 64 bits"),
        ([2**53 + 1, 0.5], ["9007199254740993", "0.5"], "whole numbers beyond 2^53, numbers"),
        ([{}, None], ["{}", None], "objects without fields"),
        ([{}, []], ["{}", "[]"], "arrays, objects"),
        ([True, 1], ["true", "1"], "true or false, whole numbers"),
        (["\ud800", "b"], ['"\\ud800"', "b"], "text, text with half a surrogate pair"),
    ],
)
def test_kinds_that_do_not_go_together_are_text(values, read, why):
    table, texts = table_of(*({"a": value} for value in values))

    assert table.schema == pa.schema([("a", pa.string())])
    assert table["a"].to_pylist() == read
    assert texts == {"a": why}


def test_the_last_record_counts_as_much_as_the_first():
    table, texts = table_of(*[{"a": 1, "b": {"c": [1]}}] * 5000, {"b": {"c": ["x"], "d": 2.5}, "e": True})

    assert table.column_names == ["a", "b", "e"]
    assert table.to_pylist()[0] == {"a": 1, "b": {"c": ["1"], "d": None}, "e": None}
    assert table.to_pylist()[-1] == {"a": None, "b": {"c": ["x"], "d": 2.5}, "e": True}
    assert texts == {"b.c[]": "whole numbers, text"}


def test_numbers_that_python_cannot_take_keep_their_digits():
    digits = b"9" * 5000
    table, _ = table_of(b'{"a":' + digits + b',"b":1}', b'{"a":1e999,"b":{"c":-1e999}}')

    assert table["a"].to_pylist() == [digits.decode(), "1e999"]
    assert table["b"].to_pylist() == ["1", '{"c":-1e999}']


@pytest.mark.parametrize(
    ("records", "read"),
    [
        ([1, 2.5, None], [1.0, 2.5, None]),
        (["a", "b"], ["a", "b"]),
        ([[1], [2]], [[1], [2]]),
        ([{}, {}], ["{}", "{}"]),
        ([{"a": 1}, 7], ['{"a":1}', "7"]),
        ([{"\ud800": 1}], ['{"\\ud800":1}']),
    ],
)
def test_records_that_are_no_objects_with_fields_are_in_one_column(records, read):
    table, _ = table_of(*records)

    assert table.to_pydict() == {"value": read}


def test_no_records_are_a_file_with_no_rows():
    table, texts = table_of()

    assert table.schema == pa.schema([("value", pa.string())])
    assert texts == {}


def test_a_dictionary_whose_keys_are_data_is_text():
    table, texts = table_of({"a": {str(key): key for key in range(columns.MAX_FIELDS + 1)}}, {"a": {"x": 1}})

    assert json.loads(table["a"][0].as_py())["1000"] == 1000
    assert table["a"][1].as_py() == '{"x":1}'
    assert texts == {"a": "objects, objects with more than 1,000 fields, or whose names are no text"}


def test_what_is_very_deep_is_text():
    value = 1
    for _ in range(columns.MAX_LEVELS + 20):
        value = {"a": [value]}
    table, texts = table_of(value)

    assert list(texts.values()) == ["objects, more than 32 levels"]
    read = table.to_pylist()[0]
    while not isinstance(read, str):
        read, value = read["a"][0], value["a"][0]
    assert json.loads(read) == value


def test_row_groups_hold_memory_down(monkeypatch):
    lines = [b'{"a":%d}' % number for number in range(10_000)]
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 3000)
    by_rows = pq.ParquetFile(converted(lines)[0])
    monkeypatch.setattr(parquet, "BYTES_PER_GROUP", 15_000)
    by_bytes = pq.ParquetFile(converted(lines)[0])

    assert [by_rows.metadata.row_group(n).num_rows for n in range(by_rows.num_row_groups)] == [4096, 4096, 1808]
    assert [by_bytes.metadata.row_group(n).num_rows for n in range(by_bytes.num_row_groups)] == [2048] * 4 + [1808]
    assert by_rows.read() == by_bytes.read() == pa.table({"a": range(10_000)})


def test_a_line_that_is_no_json_is_named():
    with pytest.raises(ResponseError, match=r"^A record cannot be read: "):
        table_of(b'{"a":NaN}')


def test_without_pyarrow_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ConfigurationError, match=r"^output_path: .* pip install 'airflow-provider-orgauth\[parquet\]'"):
        encoding_of("s3://bucket/a.parquet")


names = st.sampled_from(["a", "b", "c.d", ""]) | st.text(max_size=3)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=3)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(records=st.lists(st.dictionaries(names, values, max_size=4), max_size=8) | st.lists(values, max_size=8))
def test_nothing_is_lost(records):
    lines = [json.dumps(record).encode() for record in records]
    output, said = converted(lines)
    rows = pq.read_table(output).to_pylist()

    assert said.rows == len(rows) == len(records)
    for record, row in zip(records, rows, strict=True):
        is_one_column = set(row) == {"value"} and not (isinstance(record, dict) and "value" in record)
        assert holds(row["value"] if is_one_column else row, record), (row, record)


@given(records=st.lists(values, max_size=6), piece=st.integers(1, 40))
def test_the_same_records_are_the_same_bytes(records, piece):
    lines = [json.dumps(record).encode() for record in records]

    assert converted(lines)[0].getvalue() == converted(lines, piece)[0].getvalue()


def holds(read, value):
    """Tell whether what was read tells the value, or is null where there was none."""
    if isinstance(read, str) and not (isinstance(value, str) and read == value):
        return json.loads(read) == value and str(type(json.loads(read))) == str(type(value))
    if isinstance(read, dict) and isinstance(value, dict | None):
        value = value or {}
        return value.keys() <= read.keys() and all(holds(read[name], value.get(name)) for name in read)
    if isinstance(read, list) and isinstance(value, list):
        return len(read) == len(value) and all(map(holds, read, value))
    if isinstance(read, bool) or isinstance(value, bool):
        return read is value
    return read == value
