"""A page of JSON: its records are what the standard library reads, byte for byte as they came, or one error."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.paging.body import MISSING, JsonBody
from airflow_provider_orgauth.paging.raw import decode
from fuzz import reading

DEEP = 200
"""Brackets of one page from which on the standard library may refuse it, and we too, at a depth of our own."""


def check(content: bytes, path: str) -> None:
    """Assert what must hold of one page, and a path in it."""
    expected = _read(content)
    try:
        body = JsonBody(content)
        value = body.value(path)
        records = body.array(path)
    except ResponseError as error:
        said = str(error)
        assert not any(character < " " for character in said)
        assert len(said.encode()) < 2000
        there = _at(expected, path)
        assert there is MISSING or not isinstance(there, list | None) or _is_extreme(content) or _is_infinite(expected)
        return
    assert not _is_infinite(_at(expected, path))
    if _is_extreme(content):
        return
    assert repr(value) == repr(_at(expected, path))
    assert repr([decode(record) for record in records]) == repr(value or [])
    content = content.decode(json.detect_encoding(content)).encode()
    position = 0
    for record in records:
        came = bytes(memoryview(record))
        position = content.find(came, position)
        assert position >= 0, "a record is not what came"
        position += len(came)
    assert body.top is body.top


def check_only_array(content: bytes) -> None:
    """Assert what must hold where nobody said where the records are."""
    expected = _read(content)
    try:
        path = JsonBody(content).only_array()
    except ResponseError:
        assert not isinstance(expected, list) or _is_extreme(content)
        return
    if isinstance(expected, dict):
        assert [path] == [key for key, value in expected.items() if isinstance(value, list)]
    else:
        assert path == ""


def _read(content: bytes) -> Any:
    """Read a page with the standard library; MISSING where it is not JSON."""
    try:
        text = content.decode(json.detect_encoding(content))
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING


def _at(value: Any, path: str) -> Any:
    while path and value is not MISSING:
        if not isinstance(value, dict):
            return MISSING
        key = path if path in value else path.partition(".")[0]
        value, path = value.get(key, MISSING), path[len(key) + 1 :]
    return value


def _is_extreme(content: bytes) -> bool:
    """Whether the limits of a parser decide: depth, and digits of a number."""
    return content.count(b"[") + content.count(b"{") > DEEP or len(content) > 4000


def _is_infinite(value: Any) -> bool:
    """Whether the standard library has made infinity of a number in it, which we refuse to."""
    if isinstance(value, dict | list):
        return any(map(_is_infinite, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and math.isinf(value)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def one(data: bytes) -> None:
    """A line with the path; then the page."""
    (path,), content = reading.lines(data, 1)
    check(content, path)
    check_only_array(content)
