"""Find things in a page of JSON without decoding its records: a record stays the bytes that came.

That keeps the digits of a number, the order of keys and the escapes as the server wrote them, costs a third of a
decode, and holds no Python object per field.
"""

from __future__ import annotations

import codecs
import json
import re
from functools import cached_property
from typing import Any, NoReturn

import msgspec

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.oauth.redaction import one_line

Raw = msgspec.Raw

MISSING = object()
"""What :meth:`JsonBody.value` gives for a path that leads nowhere; ``null`` is None."""

_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])
_any = msgspec.json.Decoder()

_SAY_WHERE = 'Say where the records are, as records="content" or records="data.items"; records="" is the whole answer.'


class JsonBody:
    """The JSON of one answer.

    A path is keys joined by dots, such as ``page.totalElements``. A key that has a dot itself, such as
    ``@odata.nextLink``, is found as well.

    :param content: the bytes, in UTF-8 (RFC 8259 section 8.1); a byte order mark is passed over.
    :raises ResponseError: (here and in every method) it is not JSON.
    """

    def __init__(self, content: bytes) -> None:
        content = content.removeprefix(codecs.BOM_UTF8).strip(b" \t\r\n")
        try:
            content.decode()  # msgspec checks the UTF-8 of what it decodes, and not of what it leaves as it is
        except UnicodeDecodeError:
            raise _not_json("it is not UTF-8") from None
        if not content:
            raise _not_json("it is empty")
        self._whole = Raw(content)
        self.on_one_line = b"\n" not in content and b"\r" not in content

    @cached_property
    def top(self) -> Raw | dict[str, Raw]:
        """The top-level object, its values still undecoded; or, where it is none, the whole."""
        return _opened(self._whole)

    def raw(self, path: str) -> Raw | None:
        """Return the undecoded value at ``path``, or None where nothing is there; the whole at an empty path."""
        return _walked(self.top, self._whole, path)

    def value(self, path: str) -> Any:
        """Return the decoded value at ``path``, or :data:`MISSING`."""
        raw = self.raw(path)
        return MISSING if raw is None else decode(raw)

    def array(self, path: str) -> list[Raw]:
        """Return the elements of the array at ``path``, undecoded; of the whole where ``path`` is empty.

        ``null`` is an array without elements: some servers write an empty page that way.

        :raises ResponseError: there is nothing, or something else.
        """
        raw = self.raw(path)
        if raw is None:
            if not isinstance(self.top, dict):
                decode(self._whole)  # it may be no JSON at all, which says more
            raise ResponseError(f"records: the answer has nothing at {path[:100]!r}{self._keys()}.", advice=_SAY_WHERE)
        if first_byte(raw) == b"[":
            return elements(raw)
        if decode(raw) is None:  # the answer as a whole was not read so far: it may be no JSON
            return []
        where = f"what is at {path[:100]!r}" if path else "the answer"
        raise ResponseError(f"records: {where} is no array{self._keys()}.", advice=_SAY_WHERE)

    def only_array(self) -> str:
        """Return the path of the records where nobody said it: the answer itself, or the one array in it.

        :raises ResponseError: there is none, or more than one.
        """
        if not isinstance(self.top, dict):
            return ""
        arrays = [key for key, value in self.top.items() if first_byte(value) == b"["]
        if len(arrays) == 1:
            return arrays[0]
        problem = "no array" if not arrays else f"{len(arrays)} arrays"
        raise ResponseError(f"records: the answer has {problem}{self._keys()}.", advice=_SAY_WHERE)

    def _keys(self) -> str:
        if not isinstance(self.top, dict):
            return ""
        keys = ", ".join(self.top).encode(errors="replace").decode()  # half a surrogate pair fits into no log
        return f" (its keys: {one_line(keys)[:200]})" if self.top else " (it is empty)"


def decode(raw: Raw | bytes) -> Any:
    """Return the value that ``raw`` is the JSON of."""
    try:
        return _any.decode(raw)
    except _REFUSED:
        return _decode_anyway(raw)


def members(raw: Raw | bytes) -> dict[str, Raw]:
    """Return the members of an object, undecoded."""
    try:
        return _object.decode(raw)
    except _REFUSED:
        pieces = _cut(raw)
        return {decode(key): value for key, value in zip(pieces[::2], pieces[1::2], strict=True)}


def elements(raw: Raw | bytes) -> list[Raw]:
    """Return the elements of an array, undecoded."""
    try:
        return _array.decode(raw)
    except _REFUSED:
        return _cut(raw)


def find(raw: Raw, path: str) -> Raw | None:
    """Return the undecoded value at ``path`` in ``raw``, or None where nothing is there."""
    return _walked(_opened(raw), raw, path)


def _walked(here: Raw | dict[str, Raw], found: Raw, path: str) -> Raw | None:
    rest = path
    while rest:
        if not isinstance(here, dict):
            return None
        key = rest if rest in here else rest.partition(".")[0]
        if key not in here:
            return None
        found, rest = here[key], rest[len(key) + 1 :]
        here = _opened(found) if rest else found
    return found


def _opened(raw: Raw) -> Raw | dict[str, Raw]:
    return members(raw) if first_byte(raw) == b"{" else raw


def first_byte(raw: Raw) -> bytes:
    """Return the first byte of a value, which says of what kind it is."""
    return bytes(memoryview(raw)[:1])


# Escaped halves of surrogate pairs: RFC 8259 section 8.2 lets them be, the standard library too, msgspec does not.
_REFUSED = (msgspec.DecodeError, RecursionError, ValueError)


def refuse_constant(name: str) -> NoReturn:
    """Refuse ``NaN`` and ``Infinity``, which the standard library takes and JSON does not have."""
    raise ValueError(f"{name} is no JSON number")


_patient = json.JSONDecoder(parse_constant=refuse_constant)
_without_numbers = json.JSONDecoder(parse_constant=refuse_constant, parse_int=str, parse_float=str)
_between = re.compile(r"[ \t\r\n,:]*")


def _decode_anyway(raw: Raw | bytes, reader: json.JSONDecoder = _patient) -> Any:
    try:
        return reader.decode(bytes(memoryview(raw)).decode())
    except (ValueError, RecursionError) as error:
        raise _not_json(one_line(str(error))[:200]) from None


def _cut(raw: Raw | bytes) -> list[Raw]:
    """Return what stands between the brackets of an array or object, keys too, as the bytes that came."""
    _decode_anyway(raw, _without_numbers)  # it is JSON: what follows need not look at the signs between
    text = bytes(memoryview(raw)).decode().strip()
    pieces, position = [], 1
    while (start := _after(text, position)) < len(text) - 1:
        _, position = _without_numbers.raw_decode(text, start)
        pieces.append(Raw(text[start:position].encode()))
    return pieces


def _after(text: str, position: int) -> int:
    between = _between.match(text, position)
    return between.end() if between else position


def _not_json(problem: str) -> ResponseError:
    return ResponseError(f"A page is not JSON: {problem}.", advice="Check what answers at Server address.")
