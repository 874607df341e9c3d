"""What a value becomes in a query or a form."""

import enum
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.query import form_of, query_of
from airflow_provider_orgauth.exceptions import ConfigurationError


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Kind(enum.StrEnum):
    GATEWAY = "gateway"


class Lazy(Sequence):
    """A sequence that is no list, as Airflow gives for what mapped tasks returned."""

    def __init__(self, *values):
        self.values = values

    def __getitem__(self, index):
        return self.values[index]

    def __len__(self):
        return len(self.values)


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("a b", "a+b"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (-1, "-1"),
        (1.5, "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (NOON, "2026-01-31T12%3A00%3A00%2B00%3A00"),
        (NOON.astimezone(timezone(timedelta(hours=-8))), "2026-01-31T04%3A00%3A00-08%3A00"),
        (date(2026, 1, 31), "2026-01-31"),
        (Colour.RED, "red"),
        (Level.HIGH, "3"),
        (Kind.GATEWAY, "gateway"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("/a/b"), "%2Fa%2Fb"),
    ],
)
def test_one_value(value, sent):
    assert query_of({"x": value}) == query_of([("x", value)]) == f"x={sent}"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, ""),
        ([], ""),
        ([None], ""),
        ([1, None, True], "x=1&x=true"),
        (("b", "a"), "x=b&x=a"),
        ({"b", "a", "c"}, "x=a&x=b&x=c"),
        (frozenset({Colour.RED}), "x=red"),
        (range(3), "x=0&x=1&x=2"),
        (Lazy(True, 2), "x=true&x=2"),
    ],
)
def test_none_and_several(value, sent):
    assert query_of({"x": value}) == query_of([("x", value)]) == sent


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("-Infinity"),
        datetime(2026, 1, 31),  # noqa: DTZ001
        time(12),
        timedelta(1),
        b"bytes",
        bytearray(b"bytes"),
        memoryview(b"bytes"),
        {"a": 1},
        [[1]],
        [{"a": 1}],
        {b"a"},
        object(),
        1j,
        len,
        (number for number in range(3)),
        "\ud800",
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("argument", ["params", "data"])
def test_what_has_no_sensible_form_is_refused_by_its_name(argument, value):
    with pytest.raises(ConfigurationError, match=rf"^{argument}\.flag: ") as caught:
        form_of(argument, {"flag": value})
    with pytest.raises(ConfigurationError, match=rf"^{argument}\.flag: "):
        form_of(argument, [("flag", value)])
    assert "bytes" not in str(caught.value).replace("is bytes", "").replace("is bytearray", "")


@pytest.mark.parametrize("given", [5, "a=1", b"a=1", ["a"], [("a", 1, 2)], [5], object()])
def test_what_is_neither_a_mapping_nor_pairs(given):
    with pytest.raises(ConfigurationError, match=r"^params: is neither a mapping nor pairs"):
        form_of("params", given)


@pytest.mark.parametrize("name", [None, True, 1.5, b"a", ("a",)])
def test_a_name_that_is_no_text(name):
    with pytest.raises(ConfigurationError, match=r"^params: has a name that is "):
        form_of("params", {name: 1})


def test_only_the_name_is_shown_and_it_is_cut():
    with pytest.raises(ConfigurationError) as caught:
        form_of("params", {"n" * 1000 + "\n": {"password": "s3cr3t"}})
    assert len(str(caught.value)) < 300
    assert "s3cr3t" not in str(caught.value)


def test_parts_of_a_multipart_body_may_be_bytes():
    assert form_of("data", {"a": b"\xff", "b": [b"\xff", True]}, multipart=True) == {
        "a": b"\xff",
        "b": [b"\xff", "true"],
    }


texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = texts | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


@given(st.lists(st.tuples(texts, scalars | st.none() | st.lists(scalars))))
def test_a_query_is_read_as_it_was_meant(pairs):
    def meant(value):
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)

    expected = [
        (name, meant(one))
        for name, value in pairs
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]

    assert parse_qsl(query_of(pairs), keep_blank_values=True) == expected


WORDS = st.text(st.sampled_from("aZ09_.~- +&=%é")) | st.text()


@given(st.dictionaries(WORDS, WORDS | st.integers()))
def test_what_is_only_written_down_is_the_query_that_all_others_make(params):
    """Pairs are never only written down."""
    try:
        expected = query_of(list(params.items()))
    except ConfigurationError:
        with pytest.raises(ConfigurationError):
            query_of(params)
    else:
        assert query_of(params) == expected
