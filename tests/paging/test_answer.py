"""What a style sees of an answer."""

import pytest

from airflow_provider_orgauth.paging import PageAnswer


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("n", 3),
        ("deep.n", 4),
        ("text", 5),
        ("header:X-Total-Count", 12),
        ("Header: x-total-count", 12),
        ("header:x-other", None),
        ("header:x-none", None),
        ("negative", None),
        ("flag", None),
        ("nothing", None),
        (None, None),
    ],
)
def test_a_number_in_the_body_or_a_header(path, number):
    answer = PageAnswer(
        b'{"n": 3, "deep": {"n": 4}, "text": "5", "negative": -1, "flag": true}',
        {"x-total-count": "12", "X-Other": "many"},
    )

    assert answer.number(path) == number


@pytest.mark.parametrize(
    ("content", "on_one_line"), [(b'[{"a": 1}]\n', True), (b'[\n{"a": 1}]', False), (b'[{"a":\r1}]', False)]
)
def test_line_breaks_between_values(content, on_one_line):
    assert PageAnswer(content, {}).on_one_line is on_one_line
