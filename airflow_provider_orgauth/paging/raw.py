"""Values of JSON as the bytes that came, and what can be found in them without decoding it.

That keeps the digits of a number, the order of keys and the escapes as the server wrote them, costs a third of a
decode, and holds no Python object per field.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.paging.numbers import error_in, finite, refuse_constant

Raw = msgspec.Raw

_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])
_any = msgspec.json.Decoder()

REFUSED = (msgspec.DecodeError, RecursionError, ValueError)
"""What msgspec raises. Also for escaped halves of surrogate pairs: RFC 8259 section 8.2 lets them be, the standard
library too."""


def decode(raw: Raw | bytes, what: str = "A page") -> Any:
    """Return the value that ``raw`` is the JSON of.

    :param what: what it is, for an error.
    :raises NumberError: it has a number that JSON does not have, or that neither a double nor an int holds.
    :raises ResponseError: it is not JSON.
    """
    try:
        return _any.decode(raw)
    except REFUSED:
        return _decode_anyway(raw, what=what)


def check_json(raw: Raw | bytes) -> None:
    """Refuse what is not JSON. Numbers may have any size and any number of digits."""
    _decode_anyway(raw, _without_numbers)


def members(raw: Raw | bytes) -> dict[str, Raw]:
    """Return the members of an object, undecoded."""
    try:
        return _object.decode(raw)
    except REFUSED:
        pieces = _cut(raw)
        return {decode(key): value for key, value in zip(pieces[::2], pieces[1::2], strict=True)}


def elements(raw: Raw | bytes) -> list[Raw]:
    """Return the elements of an array, undecoded."""
    try:
        return _array.decode(raw)
    except REFUSED:
        return _cut(raw)


def find_value(raw: Raw, path: str) -> Raw | None:
    """Return the undecoded value at ``path`` in ``raw``, or None where nothing is there."""
    return walked(opened(raw), raw, path)


def walked(here: Raw | dict[str, Raw], found: Raw, path: str) -> Raw | None:
    """Return the undecoded value at ``path`` in ``found``, which has been opened already."""
    rest = path
    while rest:
        if not isinstance(here, dict):
            return None
        key = rest if rest in here else rest.partition(".")[0]
        if key not in here:
            return None
        found, rest = here[key], rest[len(key) + 1 :]
        here = opened(found) if rest else found
    return found


def opened(raw: Raw) -> Raw | dict[str, Raw]:
    """Return the members of an object; what is none, as it is."""
    return members(raw) if first_byte(raw) == b"{" else raw


def first_byte(raw: Raw) -> bytes:
    """Return the first byte of a value, which says of what kind it is."""
    return bytes(memoryview(raw)[:1])


_patient = json.JSONDecoder(parse_constant=refuse_constant, parse_float=finite)
_without_numbers = json.JSONDecoder(parse_constant=refuse_constant, parse_int=str, parse_float=str)
_between = re.compile(r"[ \t\r\n,:]*")


def _decode_anyway(raw: Raw | bytes, reader: json.JSONDecoder = _patient, *, what: str = "A page") -> Any:
    try:
        text = bytes(memoryview(raw)).decode()
    except UnicodeDecodeError as error:
        raise not_json(one_line(str(error))[:200], what) from None
    try:
        return reader.decode(text)
    except (ValueError, RecursionError) as error:
        raise error_in(text, what) or not_json(one_line(str(error))[:200], what) from None


def _cut(raw: Raw | bytes) -> list[Raw]:
    """Return what stands between the brackets of an array or object, keys too, as the bytes that came."""
    check_json(raw)  # it is JSON: what follows need not look at the signs between
    text = bytes(memoryview(raw)).decode().strip()
    pieces, position = [], 1
    while (start := _after(text, position)) < len(text) - 1:
        _, position = _without_numbers.raw_decode(text, start)
        pieces.append(Raw(text[start:position].encode()))
    return pieces


def _after(text: str, position: int) -> int:
    between = _between.match(text, position)
    return between.end() if between else position


def not_json(problem: str, what: str = "A page") -> ResponseError:
    """Return the error for bytes that are none."""
    return ResponseError(f"{what} is not JSON: {problem}.", advice="Check what answers at Server address.")
