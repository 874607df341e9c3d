"""Find things in a page of JSON without decoding its records: a record stays the bytes that came.

That keeps the digits of a number, the order of keys and the escapes as the server wrote them, costs a third of a
decode, and holds no Python object per field.
"""

from __future__ import annotations

import codecs
import json
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

    @cached_property
    def top(self) -> Raw | dict[str, Raw]:
        """The top-level object, its values still undecoded; or, where it is none, the whole."""
        return _opened(self._whole)

    def raw(self, path: str) -> Raw | None:
        """Return the undecoded value at ``path``, or None where nothing is there; the whole at an empty path."""
        here, found, rest = self.top, self._whole, path
        while rest:
            if not isinstance(here, dict):
                return None
            key = rest if rest in here else rest.partition(".")[0]
            if key not in here:
                return None
            found, rest = here[key], rest[len(key) + 1 :]
            here = _opened(found) if rest else found
        return found

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
            raise ResponseError(f"records: the answer has nothing at {path!r}{self._keys()}.", advice=_SAY_WHERE)
        match _start(raw):
            case b"n":
                return []
            case b"[":
                return _elements(raw)
        where = f"what is at {path!r}" if path else "the answer"
        raise ResponseError(f"records: {where} is no array{self._keys()}.", advice=_SAY_WHERE)

    def only_array(self) -> str:
        """Return the path of the records where nobody said it: the answer itself, or the one array in it.

        :raises ResponseError: there is none, or more than one.
        """
        if not isinstance(self.top, dict):
            return ""
        arrays = [key for key, value in self.top.items() if _start(value) == b"["]
        if len(arrays) == 1:
            return arrays[0]
        problem = "no array" if not arrays else f"{len(arrays)} arrays"
        raise ResponseError(f"records: the answer has {problem}{self._keys()}.", advice=_SAY_WHERE)

    def _keys(self) -> str:
        if not isinstance(self.top, dict):
            return ""
        return f" (its keys: {one_line(', '.join(self.top))[:200]})" if self.top else " (it is empty)"


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
        return {key: _encode(value) for key, value in _decode_anyway(raw).items()}


def _elements(raw: Raw) -> list[Raw]:
    try:
        return _array.decode(raw)
    except _REFUSED:
        return [_encode(value) for value in _decode_anyway(raw)]


def _opened(raw: Raw) -> Raw | dict[str, Raw]:
    return members(raw) if _start(raw) == b"{" else raw


def _start(raw: Raw) -> bytes:
    return bytes(memoryview(raw)[:1])


# Escaped halves of surrogate pairs: RFC 8259 section 8.2 lets them be, the standard library too, msgspec does not.
_REFUSED = (msgspec.DecodeError, RecursionError, ValueError)


def _decode_anyway(raw: Raw | bytes) -> Any:
    try:
        return json.loads(bytes(memoryview(raw)), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _not_json(one_line(str(error))[:200]) from None


def _encode(value: Any) -> Raw:
    return Raw(json.dumps(value, separators=(",", ":")).encode())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _not_json(problem: str) -> ResponseError:
    return ResponseError(f"A page is not JSON: {problem}.", advice="Check what answers at Server address.")
