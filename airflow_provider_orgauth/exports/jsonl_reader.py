"""Read JSON Lines back, from pieces that end anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.paging.numbers import finite, refuse_constant

_decoder = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Digits:
    """A number that neither int nor float can take, as it came: ``1e999``, or thousands of digits."""

    text: str


def lines_in(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines in these pieces, without those that are empty."""
    begun: list[bytes] = []  # of a line; joined once, at its end: a record of 256 MiB comes in hundreds of pieces
    for piece in pieces:
        first, *others = piece.split(b"\n")
        begun.append(first)
        if others:
            yield from filter(None, (b"".join(begun), *others[:-1]))
            begun = others[-1:]
    if line := b"".join(begun):
        yield line


def value_of(line: bytes) -> Any:
    """Return the value of a line. A number that neither int nor float can take is :class:`Digits`.

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


def _float(text: str) -> float | Digits:
    try:
        return finite(text)
    except ValueError:
        return Digits(text)


def _int(text: str) -> int | Digits:
    try:
        return int(text)
    except ValueError:
        return Digits(text)
