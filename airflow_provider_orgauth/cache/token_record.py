"""A token as text.

::

    {"access_token": "…", "issued_at": 1766000000.0, "lifetime": 300.0, "refresh_token": "…", "refresh_lifetime": null,
     "generation": 1766000001}
"""

from __future__ import annotations

import json
import math
from typing import Any

from airflow_provider_orgauth.cache.seal import UnreadableRecordError
from airflow_provider_orgauth.oauth.generation import MAX_DIGITS
from airflow_provider_orgauth.oauth.token import Token


def to_text(token: Token) -> str:
    """Return ``token`` as JSON text."""
    return json.dumps(
        {
            "access_token": token.access_token,
            "issued_at": token.issued_at,
            "lifetime": token.lifetime,
            "refresh_token": token.refresh_token,
            "refresh_lifetime": token.refresh_lifetime,
            "generation": token.generation,
            **({"refresh_generation": token.refresh_generation} if token.refresh_generation else {}),
        }
    )


def from_text(text: str) -> Token:
    """Return the token in ``text``.

    :raises UnreadableRecordError: there is none.
    """
    record = record_of(text)
    return Token(
        access_token=text_of(record, "access_token"),
        issued_at=_number(record, "issued_at"),
        lifetime=_number(record, "lifetime"),
        refresh_token=None if record.get("refresh_token") is None else text_of(record, "refresh_token"),
        refresh_lifetime=None if record.get("refresh_lifetime") is None else _number(record, "refresh_lifetime"),
        generation=number_of(record, "generation"),
        refresh_generation=number_of(record, "refresh_generation"),
    )


def record_of(text: str) -> dict[str, Any]:
    """Return the JSON object in ``text``.

    :raises UnreadableRecordError: there is none.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableRecordError("it is not JSON") from None
    if not isinstance(record, dict):
        raise UnreadableRecordError("it is not a JSON object")
    return record


def text_of(record: dict[str, Any], name: str) -> str:
    """Return the token under ``name``.

    :raises UnreadableRecordError: there is none.
    """
    value = record.get(name)
    # The same alphabet as in an answer: nothing that could split a header.
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise UnreadableRecordError(f"its {name} is not a string of visible ASCII characters")
    return value


def _number(record: dict[str, Any], name: str) -> float:
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableRecordError(f"its {name} is not a number")
    try:
        number = float(value)
    except OverflowError:
        raise UnreadableRecordError(f"its {name} is out of range") from None
    if not math.isfinite(number) or abs(number) > 1e12:
        raise UnreadableRecordError(f"its {name} is out of range")
    return number


def number_of(record: dict[str, Any], name: str) -> int:
    """Return the generation under ``name``; 0 where a record has none, as those of a former version.

    :raises UnreadableRecordError: it is none.
    """
    value = record.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**MAX_DIGITS:
        raise UnreadableRecordError(f"its {name} is not a number that can be")
    return value
