"""Read JSON Lines back, from pieces that end anywhere."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.oauth.redaction import one_line
from airflow_provider_orgauth.paging.raw import refuse_constant

_decoder = msgspec.json.Decoder()
# Python refuses to turn more digits into an int.
_MOST_DIGITS = 4000


def lines_in(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines in these pieces, without those that are empty."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from filter(None, lines)
    if rest:
        yield rest


def value_of(line: bytes) -> Any:
    """Return the value of a line. A number that neither int nor float can take is a Decimal.

    :raises ResponseError: it is not JSON, or of too many levels.
    """
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, RecursionError, ValueError):
        pass
    try:
        # Takes what the other one refuses: huge numbers, and halves of surrogate pairs.
        return json.loads(line, parse_float=_float, parse_int=_int, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ResponseError(f"A record cannot be read: {one_line(str(error))[:200]}.") from None


def _float(text: str) -> float | Decimal:
    number = float(text)
    return number if math.isfinite(number) else Decimal(text)


def _int(text: str) -> int | Decimal:
    return int(text) if len(text) <= _MOST_DIGITS else Decimal(text)
