"""Read one value of a connection's ``extra``: typed in a form, in JSON, or in a URI where everything is text."""

from __future__ import annotations

import json
import math
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.fields import Field

_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "no", "n", "off", "0"), False),
}


def read(field: Field, value: Any) -> Any:
    """Return ``value`` as the kind that ``field`` is, or the field's default where nothing was typed.

    :raises ConfigurationError: naming the field and what is allowed.
    """
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return field.default
    match field.kind:
        case "choice":
            return _choice(field, value)
        case "number" | "integer":
            return _number(field, value)
        case "integers":
            return _integers(field, value)
        case "flag":
            flag = as_flag(value)
            if flag is None:
                raise _wrong(field, value, "true or false")
            return flag
        case "object":
            return _object(field, value)
        case "text":
            # A form's "true" and JSON's true are the same to whoever typed them.
            text = json.dumps(value) if isinstance(value, bool) else value
            if not isinstance(text, str):
                raise _wrong(field, value, "a text")
            return text


def as_flag(value: Any) -> bool | None:
    """Return what a yes-or-no word means, or None if it is none."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get(str(value).strip().lower())


def _choice(field: Field, value: Any) -> str:
    if value not in field.choices:
        raise _wrong(field, value, f"one of {', '.join(field.choices)}")
    return str(value)


def _number(field: Field, value: Any) -> float | int:
    low, high = field.minimum or 0, field.maximum or math.inf
    allowed = f"a{' whole' if field.kind == 'integer' else ''} number from {low:g} to {high:.10g}"
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not low <= number <= high or (field.kind == "integer" and not number.is_integer()):  # NaN is in no range
        raise _wrong(field, value, allowed)
    return int(number) if field.kind == "integer" else number


def _integers(field: Field, value: Any) -> tuple[int, ...]:
    low, high = field.minimum or 0, field.maximum or math.inf
    allowed = f"whole numbers from {low:g} to {high:g}, separated by commas: {field.placeholder}"
    given = value if isinstance(value, list) else [value]
    if isinstance(value, str):  # in a URI, JSON is text as well
        given = [part.strip() for part in value.removeprefix("[").removesuffix("]").split(",")]
    for one in given:
        digits = isinstance(one, str) and len(one) < 10 and one.isascii() and one.isdigit()
        whole = isinstance(one, int) and not isinstance(one, bool)
        if not (digits or whole) or not low <= int(one) <= high:
            raise _wrong(field, one, allowed)
    return tuple(sorted({int(one) for one in given}))


def _object(field: Field, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        # Not quoted: a header may be a secret.
        raise ConfigurationError(_name(field), "is not a JSON object", advice=f"Write it as {field.placeholder}.")
    return value


def _wrong(field: Field, value: Any, allowed: str) -> ConfigurationError:
    shown = value if isinstance(value, str | int | float) else type(value).__name__
    return ConfigurationError(_name(field), f"is {str(shown)[:60]!r}", advice=f"Write {allowed}.")


def _name(field: Field) -> str:
    return f"{field.name} ({field.label})"
