"""Find numbers that JSON does not have, or that no number of Python's holds, and say where they are.

RFC 8259 section 6 knows neither ``NaN`` nor ``Infinity``, which the standard library reads and writes all the same.
It does know ``1e999`` and a million digits: undecoded, they stay as they came, and they never become ``inf``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from airflow_provider_orgauth.exceptions import NumberError
from airflow_provider_orgauth.oauth.text_redaction import one_line

_SHOWN_CHARACTERS = 20
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
        found = first_in(_marking.decode(text), lambda inner: isinstance(inner, _NotJson | _TooMuch))
    except (ValueError, RecursionError):
        return None
    if found is None:
        return None
    where, number = found
    if isinstance(number, _NotJson):
        return NumberError(
            f"{what} is not JSON: {number.text}{where} is none of its numbers.",
            advice="Ask the API's makers to send null there; in a @task, OrgAuthHook.run(…).text is what came.",
        )
    return NumberError(
        f"{what} holds a number that cannot be decoded{where}: {number.why}.",
        advice="An export to JSON Lines keeps its digits as they came; in a @task, OrgAuthHook.run(…).text has them.",
    )


def first_in(value: Any, is_meant: Callable[[Any], bool]) -> tuple[str, Any] | None:
    """Return where the first matching value in a tree is, for an error: `` at 'data[3].value'``; and the value.

    A float or text that is a key counts too. None: there is no such value.

    :raises RecursionError: it is nested too deep.
    """
    found = _first(value, is_meant)
    return None if found is None else (_at(found[0]), found[1])


@dataclass(frozen=True, slots=True)
class _NotJson:
    """In the place of NaN or Infinity."""

    text: str


@dataclass(frozen=True, slots=True)
class _TooMuch:
    """In the place of a number that no number of Python's holds."""

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


def _first(value: Any, is_meant: Callable[[Any], bool]) -> tuple[list[Any], Any] | None:
    """Return the first matching value in a tree, and the keys and indices that lead to it, the last one first."""
    if is_meant(value):
        return [], value
    for key, inner in _inside(value):
        if (found := _first(inner, is_meant)) is not None:
            found[0].append(key)
            return found
    return None


def _inside(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        yield from ((key, key) for key in value if not isinstance(key, str) or not key.isascii())
        yield from value.items()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from enumerate(value)


def _at(keys: list[Any]) -> str:
    """Return where keys and indices lead to, for an error: `` at 'data[3].value'``."""
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in reversed(keys))
    shown = one_line(path.lstrip(".").encode(errors="replace").decode())
    return f" at {shown[:100]!r}" if shown else ""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
