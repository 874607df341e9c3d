"""Keep or drop fields of a record without decoding the rest of it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.exports.field_names import dropped_of, names_of
from airflow_provider_orgauth.exports.jsonl_writer import RecordChange
from airflow_provider_orgauth.paging.raw import Raw, elements, first_byte, members

_OBJECT, _ARRAY = b"{", b"["
_CONTAINERS = (_OBJECT, _ARRAY)


class RecordFields:
    """Fields of an object, chosen by name.

    :param paths: keys joined by dots. A key that has a dot itself, such as ``@odata.etag``, is found as well.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        parts: dict[str, list[str]] = {}
        self.whole = frozenset(paths)
        """Keys of fields that are chosen as a whole."""
        for path in self.whole:
            for dot in (at for at, sign in enumerate(path) if sign == "."):
                parts.setdefault(path[:dot], []).append(path[dot + 1 :])
        self._parts = parts
        self._within: dict[str, RecordFields] = {}
        self.in_part = parts.keys() - self.whole
        """Keys of fields of which parts are chosen: :meth:`within` has them."""
        self.all = self.whole | self.in_part

    def within(self, key: str) -> RecordFields:
        """Return the fields of the field ``key``."""
        if key not in self._within:
            self._within[key] = RecordFields(self._parts[key])
        return self._within[key]


def change_of(*, fields: Iterable[str] | None, drop_fields: Iterable[str] | None) -> RecordChange | None:
    """Return what to do to each record, or None for nothing.

    A field is keys joined by dots; in an array, it stands for that field of each element. A missing one is skipped.

    :param fields: keep only these, in the record's own order. Of a value that was to have fields and has none, such as
        a text, nothing is kept.
    :param drop_fields: leave these out, also where ``fields`` keeps them.
    :raises ConfigurationError: one of them is no list of names.
    """
    kept = None if fields is None else RecordFields(names_of("fields", fields))
    left_out = dropped_of(drop_fields)
    dropped = RecordFields(left_out) if left_out else None
    if kept is None and dropped is None:
        return None

    def change(record: Raw) -> Raw:
        if first_byte(record) != _OBJECT:
            raise ResponseError(
                "fields: a record is no object, and has no fields.", advice="Leave out fields and drop_fields."
            )
        try:
            if kept is not None:
                record = _keep(record, kept)
            return record if dropped is None else _drop(record, dropped)
        except RecursionError:
            raise ResponseError(
                "fields: a record is nested too deep.", advice="Name fields that are not as deep."
            ) from None

    return change


def _keep(value: Raw, fields: RecordFields) -> Raw:
    """Return an object or array with these fields only."""
    if first_byte(value) == _ARRAY:
        return _joined([_keep(element, fields) for element in elements(value) if first_byte(element) in _CONTAINERS])
    return _joined(
        {
            key: inner if key in fields.whole else _keep(inner, fields.within(key))
            for key, inner in members(value).items()
            if key in fields.whole or (key in fields.in_part and first_byte(inner) in _CONTAINERS)
        }
    )


def _drop(value: Raw, fields: RecordFields) -> Raw:
    """Return a value without these fields."""
    if first_byte(value) == _ARRAY:
        return _joined([_drop(element, fields) for element in elements(value)])
    found = members(value) if first_byte(value) == _OBJECT else {}
    if found.keys().isdisjoint(fields.all):
        return value
    return _joined(
        {
            key: _drop(inner, fields.within(key)) if key in fields.in_part else inner
            for key, inner in found.items()
            if key not in fields.whole
        }
    )


def _joined(found: dict[str, Raw] | list[Raw]) -> Raw:
    try:
        return Raw(msgspec.json.encode(found))
    except UnicodeEncodeError:
        if not isinstance(found, dict):
            raise
        # Half a surrogate pair, in a key.
        pairs = (b"%s:%s" % (json.dumps(key).encode(), bytes(memoryview(value))) for key, value in found.items())
        return Raw(b"{%s}" % b",".join(pairs))
