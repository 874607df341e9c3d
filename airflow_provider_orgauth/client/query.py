"""What a value becomes in a query or a form: one table, for the hook, its session, lists and the operator."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from airflow_provider_orgauth.exceptions import ConfigurationError

_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986 section 2.3: nothing in it is percent-encoded

Form = dict[str, Any] | list[tuple[str, Any]]


def form_of(argument: str, given: Any, *, multipart: bool = False) -> Form:
    """Return names and texts to send, in the shape that was given: a mapping, or pairs.

    ========================================  =====================================================
    a value                                   what is sent
    ========================================  =====================================================
    ``None``                                  nothing; in a mapping, it stays there as None
    text                                      as it is
    ``True``, ``False``                       ``true``, ``false``
    a whole number, a float                   as Python writes it
    ``Decimal``                               its digits, without an exponent
    ``datetime`` with a zone, ``date``        ISO 8601
    ``Enum``                                  its value
    ``UUID``, ``Path``                        its text
    a list, tuple, or other sequence          the name once for each element; an empty one: nothing
    a set                                     the same, in the order of the texts
    ========================================  =====================================================

    :param argument: names it in an error.
    :param multipart: a value may be bytes: only there are they something else than text.
    :raises ConfigurationError: there is no such form for a value: NaN, a time without a zone, bytes, a mapping, any
        other object; or a name is no text.
    """
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise _no_form(argument, given)
    if isinstance(given, Mapping):
        return {
            _name(argument, name): _one_or_more(argument, name, value, multipart=multipart)
            for name, value in given.items()
        }
    pairs: list[tuple[str, Any]] = []
    for pair in given:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise _no_form(argument, pair)
        pairs.append((_name(argument, pair[0]), _one_or_more(argument, *pair, multipart=multipart)))
    return pairs


def is_query_text(params: Any) -> bool:
    """Return whether a query is written already, or there is none."""
    return params is None or isinstance(params, str | bytes)


def is_form(data: Any) -> bool:
    """Return whether requests makes a form of a body; else it is sent as it is."""
    return isinstance(data, Mapping | list | tuple)


def query_of(params: Any) -> str:
    """Return the query that ``params`` make, percent-encoded as requests does it; without the question mark."""
    if is_query_text(params):
        return params.decode() if isinstance(params, bytes) else params or ""
    if type(params) is dict and (plain := _plain_query(params)) is not None:
        return plain
    form = form_of("params", params)
    pairs = form.items() if isinstance(form, dict) else form
    return urlencode([(name, text) for name, text in pairs if text is not None], doseq=True)


def _plain_query(params: dict[Any, Any]) -> str | None:
    """Return the query of a few names and whole numbers or words; None: it takes more than to write them down.

    Each page of a list has one of these, and each look of ten thousand waits.
    """
    pairs: list[str] = []
    for name, value in params.items():
        if type(name) is not str or type(value) not in (int, str):
            return None
        text = str(value)
        if not (_UNRESERVED.fullmatch(name) and _UNRESERVED.fullmatch(text)):
            return None
        pairs.append(f"{name}={text}")
    return "&".join(pairs)


def _one_or_more(argument: str, name: Any, value: Any, *, multipart: bool) -> Any:
    if value is None or (multipart and isinstance(value, bytes)):
        return value
    if isinstance(value, Set):
        return sorted(_text(argument, name, element) for element in value if element is not None)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview | Enum):
        return [
            element if multipart and isinstance(element, bytes) else _text(argument, name, element)
            for element in value
            if element is not None
        ]
    return _text(argument, name, value)


def _text(argument: str, name: Any, value: Any) -> str:
    if type(value) is int:  # a page number, mostly: each page of a list has one
        return str(value)
    if isinstance(value, Enum):
        return _text(argument, name, value.value)
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _checked(argument, name, str(value))
        case numbers.Integral():  # numpy's too
            return str(int(value))
        case float() | Decimal():
            if not math.isfinite(value):
                raise _refused(argument, name, "is not a number", "Leave it out, or give the number that is meant.")
            return f"{value:f}" if isinstance(value, Decimal) else repr(float(value))
        case datetime():
            if value.utcoffset() is None:
                raise _refused(
                    argument, name, "is a time without a zone", "Add one: value.replace(tzinfo=UTC), or give a text."
                )
            return value.isoformat()
        case date():
            return value.isoformat()
        case UUID() | PurePath():
            return _checked(argument, name, str(value))
    raise _refused(
        argument,
        name,
        f"is {type(value).__name__}",
        "Give a text, a number, True or False, a date, or a list of these.",
    )


def _checked(argument: str, name: Any, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused(
            argument, name, "holds half of a surrogate pair, which no URL can carry", "Correct it."
        ) from None
    return text


def _name(argument: str, name: Any) -> str:
    if isinstance(name, Enum):
        return _name(argument, name.value)
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise ConfigurationError(argument, f"has a name that is {type(name).__name__}", advice="Write names as texts.")
    return _checked(argument, "a name", str(name))


def _no_form(argument: str, found: Any) -> ConfigurationError:
    return ConfigurationError(
        argument,
        f"is neither a mapping nor pairs, but {type(found).__name__}",
        advice='Write a dict such as {"size": 100}; of ids that another task returns, ids.map(lambda i: {"id": i}).',
    )


def _refused(argument: str, name: Any, problem: str, advice: str) -> ConfigurationError:
    shown = ascii(str(name)[:100])[1:-1] if isinstance(name, str | int | Enum) else type(name).__name__
    return ConfigurationError(f"{argument}.{shown}", problem, advice=advice)
