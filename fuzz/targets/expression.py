"""JMESPath expressions of ``response_check`` and ``response_filter``: a value, or the error that names the argument."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_orgauth.answers.response import masked_in, search
from airflow_provider_orgauth.exceptions import ConfigurationError
from fuzz import reading


def check(expression: str, answer: Any) -> None:
    """Assert what must hold of one expression over one answer."""
    before = repr(answer)
    try:
        found = search(expression, answer, "response_filter")
    except ConfigurationError as error:
        assert error.field == "response_filter"
        assert "\n" not in str(error)
        assert len(str(error)) < 2000
        return
    finally:
        assert repr(answer) == before, "the expression changed the answer"
    assert masked_in(found) >= 0


def one(data: bytes) -> None:
    """A line with the expression; then the answer's JSON."""
    (expression,), body = reading.lines(data, 1)
    try:
        answer = json.loads(body or b"null")
    except (ValueError, RecursionError):
        answer = {"content": [{"id": 1, "name": "a"}, {"id": "2", "name": None}], "totalElements": 2}
    check(expression, answer)
