"""Numbers that are none: what JSON does not have, and what no number of Python's holds. Found, and said where.

RFC 8259 section 6 knows neither ``NaN`` nor ``Infinity``, which the standard library reads and writes all the same.
It does know ``1e999`` and a million digits: they stay as they came where nobody decodes them, and never become ``inf``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from airflow_provider_orgauth.exceptions import NumberError
from airflow_provider_orgauth.oauth.redaction import one_line

_SHOWN = 20
"""Characters of a number that are shown."""


def finite(text: str) -> float:
    """Return a number with a fraction or an exponent.

    :raises ValueError: it is more than a double holds.
    """
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{_cut(text)} is more than a double holds")
    return number


def refuse_constant(name: str) -> NoReturn:
    """Refuse ``NaN`` and ``Infinity``, which the standard library takes and JSON does not have."""
    raise ValueError(f"{name} is no number of JSON")


def error_in(text: str, what: str) -> NumberError | None:
    """Return the error for a text that was refused, or None where its numbers are not why.

    :param what: what the text is, such as ``A page``.
    """
    try:
        found = _first(_marking.decode(text), lambda inner: isinstance(inner, _NotJson | _TooMuch))
    except (ValueError, RecursionError):
        return None
    if found is None:
        return None
    path, number = found
    if isinstance(number, _NotJson):
        return NumberError(
            f"{what} is not JSON: {number.text}{_at(path)} is none of its numbers.",
            advice="Ask the API's makers to send null there; in a @task, OrgAuthHook.run(…).text is what came.",
        )
    return NumberError(
        f"{what} holds a number that cannot be decoded{_at(path)}: {number.why}.",
        advice="An export to JSON Lines keeps its digits as they came; in a @task, OrgAuthHook.run(…).text has them.",
    )


def refuse_not_finite(value: Any, what: str) -> None:
    """Refuse a value with a float in it that JSON cannot write.

    :raises NumberError: with where it is. What is nested too deep to tell is passed over.
    """
    try:
        found = _first(value, _is_not_finite)
    except RecursionError:
        return
    if found is not None:
        path, number = found
        raise NumberError(
            f"{what} holds {number}{_at(path)}, which JSON has no number for.",
            advice="Return None or a text in its place, or set do_xcom_push=False.",
        )


@dataclass(frozen=True, slots=True)
class _NotJson:
    """Stands where NaN or Infinity is."""

    text: str


@dataclass(frozen=True, slots=True)
class _TooMuch:
    """Stands where a number is that no number of Python's holds."""

    why: str


def _float(text: str) -> float | _TooMuch:
    try:
        return finite(text)
    except ValueError as error:
        return _TooMuch(str(error))


def _int(text: str) -> int | _TooMuch:
    try:
        return int(text)
    except ValueError:
        return _TooMuch(f"it has {len(text.lstrip('-')):,} digits, more than Python reads")


_marking = json.JSONDecoder(parse_constant=_NotJson, parse_float=_float, parse_int=_int)


def _is_not_finite(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, Decimal) and not value.is_finite()


def _first(value: Any, is_meant: Callable[[Any], bool], path: str = "") -> tuple[str, Any] | None:
    """Return the first value in a tree that is meant, with its path."""
    if is_meant(value):
        return path, value
    for key, inner in _inside(value):
        if (found := _first(inner, is_meant, f"{path}{key}")) is not None:
            return found
    return None


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f".{key}", key if isinstance(key, float) else None
            yield f".{key}", inner
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((f"[{index}]", inner) for index, inner in enumerate(value))


def _at(path: str) -> str:
    """Return where a path leads to, for an error: `` at 'data[3].value'``."""
    shown = one_line(path.removeprefix(".").encode(errors="replace").decode())
    return f" at {shown[:100]!r}" if shown else ""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
