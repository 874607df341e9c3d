"""What an answer means for a wait: by status, by expression, by function; and what is shown of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.waiting.condition import Condition, Failed, Met, Waiting, is_success

STATUSES = st.sampled_from([200, 201, 202, 204, 304, 302, 404, 409, 410, 429, 500, 503])
SETS = st.frozensets(STATUSES)


@dataclass
class Said:
    """An answer that has this status and this content, and these words of its own."""

    status: int
    content: Any = None
    words: str = ""

    def found(self, handler, argument):
        return jmespath.search(handler, self.content) if isinstance(handler, str) else handler(self)

    def shown(self, expression):
        return json.dumps(jmespath.search(expression, self.content))

    def result(self, value):
        return self.content if value is None else self.found(value, "value")

    def message(self):
        return self.words


RUN, FINISH, CANCEL = (Said(200, {"status": status}, "words") for status in ("RUN", "FINISH", "CANCEL"))


def test_by_expression():
    condition = Condition("status == 'FINISH'", "status == 'CANCEL'", "status")

    assert condition.judge(RUN) == Waiting('200, status = "RUN"')
    assert condition.judge(FINISH) == Met("FINISH", '200, status = "FINISH"')
    assert condition.judge(CANCEL) == Failed("words", '200, status = "CANCEL"')


def test_by_function():
    condition = Condition(lambda answer: answer.content["status"] == "FINISH", value=lambda answer: answer.status)

    assert condition.judge(RUN) == Waiting("200")
    assert condition.judge(FINISH) == Met(200, "200")


@pytest.mark.parametrize("nothing", [None, False, 0, "", [], {}])
def test_what_is_false_or_empty_is_not_yet(nothing):
    assert isinstance(Condition("a").judge(Said(200, {"a": nothing})), Waiting)
    assert isinstance(Condition(lambda answer: nothing).judge(RUN), Waiting)


def test_fail_if_is_asked_first():
    assert isinstance(Condition("status", "status").judge(RUN), Failed)
    assert isinstance(Condition("status", "status", waiting_statuses=frozenset({200})).judge(RUN), Failed)


def test_the_body_of_an_error_is_asked_nothing():
    def refuse(answer):
        raise AssertionError

    condition = Condition(frozenset({404}), refuse, refuse, frozenset({409}))

    assert condition.judge(Said(404, {"status": "FINISH"})) == Met(None, "404")
    assert condition.judge(Said(409)) == Waiting("409")


@given(status=STATUSES, until=SETS, fail_if=SETS, waiting=SETS)
def test_by_statuses(status, until, fail_if, waiting):
    condition = Condition(until, fail_if, waiting_statuses=waiting)

    meant = condition.judge(Said(status, "body"))

    assert condition.statuses == until | fail_if | waiting
    if status in fail_if:
        assert meant == Failed("", str(status))
    elif status in until - waiting:
        assert meant == Met("body" if is_success(status) else None, str(status))
    else:
        assert meant == Waiting(str(status))


TEXTS = st.text(max_size=5)
CONTENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
EXPRESSIONS = st.sampled_from(
    [
        *("a", "a.b", "a[0].b", "a == 'x' || !b", "length(a || `[]`) > `1`", "a[?b == 'x'] | [0]", "@", '"x y".a', "*"),
        *("[0]", "[*].a", "contains(keys(@), 'a') && a", "{a: b}", "a && `true`", "not_null(a, b)"),
    ]
)


@given(content=CONTENTS, expression=EXPRESSIONS, status=STATUSES)
def test_any_content_means_one_thing_and_is_shown_on_one_line(content, expression, status):
    answer = Said(status, content)
    try:
        holds = is_success(status) and bool(jmespath.search(expression, content))
    except jmespath.exceptions.JMESPathError:
        return  # who asks the answer makes an error of it
    meant = Condition(expression).judge(answer)

    assert isinstance(meant, Met if holds else Waiting)
    assert meant.seen.startswith(str(status))
    assert "\n" not in meant.seen
