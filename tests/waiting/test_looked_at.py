"""Which fields an expression looks at."""

from __future__ import annotations

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.waiting.looked_at import looked_at, looks_at_nothing, may_look_at


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("status == 'FINISH'", ("status",)),
        ("finished", ("finished",)),
        ("a.b[0].c == `1` && !(d || a.b[0].c)", ("a.b[0].c", "d")),
        ('"not plain"."x.y" == \'a\'', ('"not plain"."x.y"',)),
        ("[0].status == 'FINISH'", ("[0].status",)),
        ("rows[0][1] == 'DONE'", ("rows[0][1]",)),
        ("(a[0])[0:1]", ()),
        ("length(jobs) > `2`", ("jobs",)),
        ("jobs[?done] | [0].id", ()),
        ("jobs[*].id", ()),
        ("a.length(@) == `1`", ()),
        ("a[1:2] == b", ("b",)),
        ("@", ()),
    ],
)
def test_the_fields(expression, fields):
    assert looked_at(expression) == fields


@pytest.mark.parametrize("expression", ["'FINISH'", "`true`", "`1` == `1`", "length('abc')", "'a' || 'b'"])
def test_nothing(expression):
    assert looks_at_nothing(expression)
    assert looked_at(expression) == ()


@pytest.mark.parametrize(
    "expression",
    [
        "status == 'FINISH' || 'DONE'",
        "!(status || 'DONE')",
        "status == 'FINISH' && `true`",
        "[status == 'FINISH', done]",
        "{d: status == 'FINISH'}",
        "a | 'x'",
        "not_null(a, 'x')",
        "type(@)",
    ],
)
def test_the_same_of_every_answer_whatever_it_looks_at(expression):
    assert looks_at_nothing(expression)


@pytest.mark.parametrize(
    "expression", ["a", "@", "*", "[]", "[0]", "[1:2]", "length(@)", "'a' == b", "a || b", "a | b"]
)
def test_something(expression):
    assert not looks_at_nothing(expression)


@pytest.mark.parametrize(
    "expression",
    ["content", "a.content[0].b", "a[?content]", "{x: content}", "@", "length(*)", "@.content", "values(content)"],
)
def test_it_may_look_at_the_records(expression):
    assert may_look_at(expression, {"content"})


@pytest.mark.parametrize(
    "expression",
    ["total > `5`", "a.b[0]", "a[1:2]", "page.total == 'content'", "content.total", "content.{n: total}", "@.total"],
)
def test_it_does_not_look_at_the_records(expression):
    assert not may_look_at(expression, {"content"})


NAMES = st.text(min_size=1, max_size=6).filter(lambda name: not any("\ud800" <= one <= "\udfff" for one in name))


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_a_field_of_any_name_is_found_by_what_is_written(names):
    import json

    content = "here"
    for name in reversed(names):
        content = {name: content}
    expression = f"{'.'.join(map(json.dumps, names))} == 'x'"

    (written,) = looked_at(expression)

    assert jmespath.search(written, content) == "here"
