"""Keep or drop fields of a record without decoding the rest of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError
from airflow_provider_orgauth.exports.lines import Change
from airflow_provider_orgauth.paging.body import Raw, elements, members

Tree = dict[str, "Tree"]
"""Fields by name; one without fields of its own is meant whole."""


def change_of(*, fields: Iterable[str] | None, drop_fields: Iterable[str] | None) -> Change | None:
    """Return what to do to each record, or None for nothing.

    A field is keys joined by dots; in an array, it is meant in each element. What is not there is passed over.

    :param fields: keep only these, in the record's own order.
    :param drop_fields: leave these out, also where ``fields`` keeps them.
    :raises ConfigurationError: one of them is no list of names.
    """
    kept, dropped = _tree("fields", fields), _tree("drop_fields", drop_fields)
    if not kept and not dropped:
        return None

    def change(record: Raw) -> Raw:
        if _start(record) != b"{":
            raise ResponseError(
                "fields: a record is no object, and has no fields.", advice="Leave out fields and drop_fields."
            )
        if kept:
            record = _keep(record, kept)
        return _drop(record, dropped) if dropped else record

    return change


def _tree(argument: str, names: Iterable[str] | None) -> Tree:
    if names is None:
        return {}
    if isinstance(names, str | bytes | Mapping) or not all(isinstance(name, str) and name for name in names):
        raise ConfigurationError(argument, "is no list of names", advice=f'Write {argument}=["token"].')
    tree: Tree = {}
    for name in names:
        here = tree
        for key in name.split("."):
            here = here.setdefault(key, {})
    return tree


def _keep(value: Raw, tree: Tree) -> Raw:
    match _start(value):
        case b"{":
            found = members(value)
            return _object(
                {key: _keep(found[key], tree[key]) if tree[key] else found[key] for key in found if key in tree}
            )
        case b"[":
            return _array([_keep(element, tree) for element in elements(value)])
    return value


def _drop(value: Raw, tree: Tree) -> Raw:
    match _start(value):
        case b"{":
            found = members(value)
            if found.keys().isdisjoint(tree):
                return value
            return _object(
                {
                    key: _drop(inner, tree[key]) if key in tree else inner
                    for key, inner in found.items()
                    if key not in tree or tree[key]
                }
            )
        case b"[":
            return _array([_drop(element, tree) for element in elements(value)])
    return value


def _object(found: dict[str, Raw]) -> Raw:
    return Raw(msgspec.json.encode(found))


def _array(found: list[Raw]) -> Raw:
    return Raw(msgspec.json.encode(found))


def _start(value: Any) -> bytes:
    return bytes(memoryview(value)[:1])
