"""What of an answer a JMESPath expression looks at: for a log to show it, and to refuse one that looks at nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

_PARTS = frozenset({"or_expression", "and_expression", "not_expression", "comparator", "function_expression"})
"""Their children are looked for in the whole answer; those of a projection or a pipe are not."""

_OF_THE_ANSWER = frozenset({"field", "current", "identity"})

_ALL_FIELDS = frozenset({"current", "value_projection"})

_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def looked_at(expression: str) -> tuple[str, ...]:
    """Return the fields that a valid expression looks at, as expressions: ``a.b == 'x' || c`` gives ``a.b`` and ``c``.

    Fields of a list's elements, or behind a pipe, are left out: they are no single values.
    """
    return tuple(dict.fromkeys(_fields(_parsed(expression))))


def looks_at_nothing(expression: str) -> bool:
    """Return whether a valid expression is the same of every answer, such as ``'FINISH'``: a text, and no field."""
    return not _is_about_the_answer(_parsed(expression))


def may_look_at(expression: str, names: Collection[str]) -> bool:
    """Return whether a valid expression names a field that is called so, at whatever place, or looks at all fields."""
    return _names_or_all(_parsed(expression), names)


def _names_or_all(node: Any, names: Collection[str]) -> bool:
    if not isinstance(node, dict):
        return False
    if node["type"] in _ALL_FIELDS or (node["type"] == "field" and node["value"] in names):
        return True
    return any(_names_or_all(child, names) for child in node["children"])


def _parsed(expression: str) -> dict[str, Any]:
    import jmespath

    parsed: dict[str, Any] = jmespath.compile(expression).parsed
    return parsed


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
            of, index = children
            name = "" if of["type"] == "identity" else _written(of)
            return f"{name}[{index['value']}]" if name or of["type"] == "identity" else ""
    return ""
