"""What of an answer a JMESPath expression looks at: for a log to show it, and to refuse one that looks at nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

_PARTS = frozenset({"or_expression", "and_expression", "not_expression", "comparator", "function_expression"})
"""Their children are looked for in the whole answer; those of a projection or a pipe are not."""

_OF_THE_ANSWER = frozenset({"field", "current", "identity"})

_STEPS = frozenset({"field", "current"})

_ALL_FIELDS = frozenset({"current", "value_projection"})

_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def looked_at(expression: str) -> tuple[str, ...]:
    """Return the fields that a valid expression looks at, as expressions: ``a.b == 'x' || c`` gives ``a.b`` and ``c``.

    Fields of a list's elements, or behind a pipe, are left out: they are no single values.
    """
    return tuple(dict.fromkeys(_fields(_parsed(expression))))


def looks_at_nothing(expression: str) -> bool:
    """Return whether a valid expression is true or false of every answer alike.

    Such as ``'FINISH'``, a text; ``status == 'FINISH' || 'DONE'``, of which the second part is always true; and
    ``[status]``, a list with something in it.
    """
    return _is_settled(_parsed(expression))


def names_a_field(expression: str) -> bool:
    """Return whether a valid expression names a field, at whatever place."""
    return _has_field(_parsed(expression))


def may_look_at(expression: str, names: Collection[str]) -> bool:
    """Return whether a valid expression names a field that is called so, at whatever place, or looks at all fields."""
    return _names_or_all(_parsed(expression), names)


def _names_or_all(node: Any, names: Collection[str]) -> bool:
    if not isinstance(node, dict):
        return False
    if node["type"] in _ALL_FIELDS or (node["type"] == "field" and node["value"] in names):
        return True
    children = node["children"]
    if node["type"] == "subexpression" and children[0]["type"] in _STEPS:
        children = children[1:]  # data.total and @.total look at a total alone
    return any(_names_or_all(child, names) for child in children)


def _parsed(expression: str) -> dict[str, Any]:
    import jmespath

    parsed: dict[str, Any] = jmespath.compile(expression).parsed
    return parsed


def _is_settled(node: dict[str, Any]) -> bool:
    children = node["children"]
    match node["type"]:
        case "or_expression" | "and_expression":
            return any(map(_is_settled, children))
        case "not_expression":
            return _is_settled(children[0])
        case "pipe":
            return _is_settled(children[-1])
        case "multi_select_list" | "multi_select_dict":
            return True
        case "function_expression" if node["value"] == "not_null":
            return any(map(_is_settled, children))
        case "function_expression" if node["value"] == "type":
            return True
    return not _is_about_the_answer(node)


def _has_field(node: Any) -> bool:
    return isinstance(node, dict) and (node["type"] == "field" or any(map(_has_field, node["children"])))


def _is_about_the_answer(node: Any) -> bool:
    if not isinstance(node, dict):  # a slice's numbers
        return False
    return node["type"] in _OF_THE_ANSWER or any(map(_is_about_the_answer, node["children"]))


def _fields(node: dict[str, Any]) -> Iterator[str]:
    if node["type"] in _PARTS:
        for child in node["children"]:
            yield from _fields(child)
    elif name := _written(node):
        yield name


def _written(node: dict[str, Any]) -> str:
    """Write a field, a field of a field, or an element of either; empty for all else."""
    children = node["children"]
    match node["type"]:
        case "field":
            return str(node["value"]) if _PLAIN.fullmatch(node["value"]) else json.dumps(node["value"])
        case "subexpression":
            names = [_written(child) for child in children]
            return ".".join(names) if all(names) else ""
        case "index_expression":
            of, *indices = children  # of rows[0][1], both
            name = "" if of["type"] == "identity" else _written(of)
            is_plain = (name or of["type"] == "identity") and all(one["type"] == "index" for one in indices)
            return name + "".join(f"[{one['value']}]" for one in indices) if is_plain else ""
    return ""
