"""Which kinds of values the records hold, field by field, and the one kind that holds them all.

All records are read before a type is chosen: their order does not matter, and the one that differs may be the last.

Values of one kind keep it, and null fits any. Whole numbers and fractions together are doubles, as long as a double can
hold them. Objects together have the fields of all of them. Mixed kinds become text: texts as they are, all else as
JSON. So do values that no column type holds: integers beyond 64 bits, objects without fields, or with too many.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from airflow_provider_orgauth.exports.jsonl_reader import Digits

MAX_FIELDS = 1000
"""An object with more fields, counted over all records, is a dictionary: its keys are data, not names."""
MAX_LEVELS = 32
"""Objects and arrays in each other."""

_NULL, _BOOL, _INT, _WIDE, _HUGE, _FLOAT, _TEXT, _ODD_TEXT, _ARRAY, _OBJECT, _ODD_OBJECT, _DEEP = (
    1 << bit for bit in range(12)
)
_SAID = {
    _BOOL: "true or false",
    _INT: "whole numbers",
    _WIDE: "whole numbers beyond 2^53",
    _HUGE: "numbers beyond 64 bits",
    _FLOAT: "numbers",
    _TEXT: "text",
    _ODD_TEXT: "text with half a surrogate pair",
    _ARRAY: "arrays",
    _OBJECT: "objects",
    _ODD_OBJECT: f"objects with more than {MAX_FIELDS:,} fields, or whose names are no text",
    _DEEP: f"more than {MAX_LEVELS} levels",
}
_SIMPLE = {type(None): _NULL, bool: _BOOL, float: _FLOAT, Digits: _HUGE}

ColumnKind = Literal["bool", "int", "float", "text", "json", "object", "array"]


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The type of a column.

    :param kind: ``json`` is text whose values are texts as they are, or the JSON of what is no text.
    :param why: of ``json``: what came together.
    """

    kind: ColumnKind
    fields: Mapping[str, ColumnType] = field(default_factory=dict)
    item: ColumnType | None = None
    why: str = ""

    def texts(self, path: str = "") -> Iterator[tuple[str, str]]:
        """Yield the path of each column in here that is text because of what came together, and what that was."""
        if self.kind == "json":
            yield path, self.why
        for name, column_type in self.fields.items():
            yield from column_type.texts(f"{path}.{name}" if path else name)
        if self.item is not None:
            yield from self.item.texts(f"{path}[]")


class Column:
    """What was seen of one field of all records, or of all records themselves. It only ever grows."""

    __slots__ = ("_fields", "_item", "_kinds", "_level")

    def __init__(self, level: int = 0) -> None:
        self._level = level
        self._kinds = 0
        self._fields: dict[str, Column] = {}
        self._item: Column | None = None

    def observe(self, value: Any) -> None:
        """Add a decoded value to what the column holds."""
        kind = type(value)
        if kind is str:
            self._kinds |= _TEXT if value.isascii() or _is_unicode(value) else _ODD_TEXT
        elif kind is int:
            self._kinds |= _kind_of_int(value)
        elif kind is dict:
            self._see_object(value)
        elif kind is list:
            self._see_array(value)
        else:
            self._kinds |= _SIMPLE[kind]

    def column_type(self) -> ColumnType:
        """Return the type that holds all values seen."""
        kinds = self._kinds & ~_NULL
        if kinds in {0, _TEXT}:  # only null: text is what every reader knows
            return ColumnType("text")
        if kinds == _BOOL:
            return ColumnType("bool")
        if not kinds & ~(_INT | _WIDE):
            return ColumnType("int")
        if not kinds & ~(_INT | _FLOAT):
            return ColumnType("float")
        if kinds == _ARRAY:
            return ColumnType("array", item=self._item.column_type() if self._item else ColumnType("text"))
        if kinds == _OBJECT and self._fields:
            return ColumnType("object", {name: column.column_type() for name, column in self._fields.items()})
        return ColumnType("json", why=self._why(kinds))

    def _see_object(self, value: dict[str, Any]) -> None:
        self._kinds |= _OBJECT
        fields = self._fields
        for key, inner in value.items():
            column = fields.get(key)
            if column is None:
                column = self._new_field(key)
                if column is None:
                    return
            column.observe(inner)

    def _new_field(self, key: str) -> Column | None:
        """Return the column of a field that is new, or None where this object is to be text."""
        if self._kinds & (_ODD_OBJECT | _DEEP):
            return None
        if self._level >= MAX_LEVELS:
            self._kinds |= _DEEP
        elif len(self._fields) >= MAX_FIELDS or not _is_unicode(key):
            self._kinds |= _ODD_OBJECT
            self._fields.clear()
        else:
            self._fields[key] = Column(self._level + 1)
            return self._fields[key]
        return None

    def _see_array(self, value: list[Any]) -> None:
        self._kinds |= _ARRAY
        if self._level >= MAX_LEVELS:
            self._kinds |= _DEEP
            return
        if value and self._item is None:
            self._item = Column(self._level + 1)
        for inner in value:
            self._item.observe(inner)  # type: ignore[union-attr]  # there is one: value is not empty

    def _why(self, kinds: int) -> str:
        if kinds == _OBJECT:
            return "objects without fields"
        return ", ".join(said for kind, said in _SAID.items() if kinds & kind)


def as_json(value: Any) -> str:
    """Return the JSON of a value, as text that UTF-8 can hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except TypeError:  # there are digits in it that no number holds
        text = _as_json_in_parts(value)
    return text if _is_unicode(text) else json.dumps(value, separators=(",", ":"))


def as_text(value: Any) -> str | None:
    """Return a value of a ``json`` column."""
    if value is None or (type(value) is str and _is_unicode(value)):
        return value
    return as_json(value)


def _as_json_in_parts(value: Any) -> str:
    if isinstance(value, Digits):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{as_json(key)}:{as_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(as_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _kind_of_int(value: int) -> int:
    if -(2**53) <= value <= 2**53:
        return _INT
    return _WIDE if -(2**63) <= value < 2**63 else _HUGE


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
