"""An API's answer as a task's result: parsed or one typed error, with nothing left under a credential's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from airflow_provider_orgauth.answers.response import (
    MAX_LOGGED_CHARACTERS,
    ensure_fits_xcom,
    loggable,
    parsed,
    result_of,
)
from airflow_provider_orgauth.exceptions import ResponseError, ResultTooLargeError
from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
from fuzz import reading
from fuzz.targets.api_error import QUERY_VALUE, TOKEN, answer


def check(content_type: str, body: bytes) -> None:
    """Assert what must hold of one answer."""
    response = answer(200, content_type, body)
    logged = loggable(response)
    assert len(logged) <= MAX_LOGGED_CHARACTERS + 40
    try:
        found = parsed(response)
        result, count = result_of(response, None, {})
    except ResponseError as error:
        assert error.advice
        assert QUERY_VALUE not in str(error)
        assert TOKEN not in str(error)
        return
    assert found is None or body.removeprefix(b"\xef\xbb\xbf").strip()
    left = [value for key, value in pairs(result) if is_credential_name(key)]
    assert all(not value or value == "***" or isinstance(value, bool) for value in left)
    assert isinstance(result, str) or (count == 0) == (result is found) or result == found
    assert_masked(found, result, logged)
    try:
        ensure_fits_xcom(result, limit=1000)
    except ResultTooLargeError as error:
        assert len(json.dumps(result)) > 1000 // 6
        assert error.advice
    except ResponseError as error:  # what XCom cannot carry: a whole number beyond 64 bits, half of a surrogate pair
        assert error.advice
        assert any(_is_beyond_xcom(item) for pair in pairs(result) for item in pair)


def _is_beyond_xcom(value: Any) -> bool:
    if isinstance(value, str):
        return any("\ud800" <= char <= "\udfff" for char in value)
    return isinstance(value, int) and not -(2**63) <= value < 2**64


def assert_masked(found: Any, result: Any, logged: str) -> None:
    """Assert that the credentials of ``found`` stand in neither ``result`` nor ``logged``."""
    texts = [(key, value) for key, value in pairs(found) if isinstance(value, str)]
    hidden = {value for key, value in texts if is_credential_name(key) and len(value) >= 8}
    elsewhere = "\n".join(
        [value for key, value in texts if not is_credential_name(key)]
        + [key for key, _ in pairs(found) if isinstance(key, str)]
    )
    shown = "\n".join(value for _, value in pairs(result) if isinstance(value, str))
    for secret in hidden:
        if secret not in elsewhere and "*" not in secret:
            assert secret not in shown, "a credential is in the result"
            assert secret not in logged or secret in json.dumps(result, ensure_ascii=False), "a credential is logged"


def pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each value of a JSON tree with its key, None in lists; a credential's value is not looked into."""
    waiting = [(None, value)]
    while waiting:
        key, inner = waiting.pop()
        yield key, inner
        if is_credential_name(key):
            continue
        if isinstance(inner, dict):
            waiting += inner.items()
        elif isinstance(inner, list):
            waiting += [(None, item) for item in inner]


def one(data: bytes) -> None:
    """A line with the Content-Type; then the body."""
    (content_type,), body = reading.lines(data, 1)
    check(content_type, body)
