"""The names in a JMESPath expression beside those in an answer: which are misspelt, and what there is.

Only names are shown, never values.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

_SHOWN_NAMES = 20
"""Names of an answer that a text shows."""
_MAX_LEVELS = 6
"""Levels of an answer that are looked through, and of each list the first elements only."""
_MAX_ELEMENTS = 20


def unknown_names(expression: str, answer: Any) -> tuple[str, str]:
    """Return the names that ``expression`` has and ``answer`` has not, and likely spellings; empty where all are there.

    :returns: such as ``'contnt'``, and ``Did you mean 'content'?``.
    """
    names = set(_names_in(answer))
    unknown = sorted({name for name in _fields_of(expression) if name not in names})
    meant = [close[0] for name in unknown if (close := get_close_matches(name, sorted(names), n=1))]
    advice = f"Did you mean {', '.join(map(repr, dict.fromkeys(meant)))}?" if meant else ""
    return ", ".join(map(repr, unknown[:_SHOWN_NAMES])), advice


def described(answer: Any) -> str:
    """Return a sentence with the names that ``answer`` has at its top, or in its first element."""
    if isinstance(answer, list):
        first = answer[0] if answer else None
        about = f", each with {_listed(first)}" if isinstance(first, dict) else ""
        return f"The expression sees a list of {len(answer):,}{about}."
    return f"It has {_listed(answer) or 'no keys'}." if isinstance(answer, dict) else "It is no object."


def _names_in(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > _MAX_LEVELS:
        return
    if isinstance(value, dict):
        yield from map(str, value)
        for one in value.values():
            yield from _names_in(one, depth + 1)
    elif isinstance(value, list):
        for one in value[:_MAX_ELEMENTS]:
            yield from _names_in(one, depth + 1)


def _fields_of(expression: str) -> Iterator[str]:
    import jmespath

    def fields(node: Any, made: frozenset[str]) -> Iterator[str]:
        """Yield the names of fields, but for those that the expression makes itself and pipes on."""
        if node["type"] == "field" and node["value"] not in made:
            yield str(node["value"])
        for child in node.get("children", ()):
            if isinstance(child, dict):
                yield from fields(child, made)

    parsed = jmespath.compile(expression).parsed
    yield from fields(parsed, frozenset(_made_in(parsed)))


def _made_in(node: Any) -> Iterator[str]:
    if node["type"] == "key_val_pair":
        yield str(node["value"])
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _made_in(child)


def _listed(answer: dict[str, Any]) -> str:
    names = [str(name)[:60] for name in answer]
    return ", ".join(map(repr, names[:_SHOWN_NAMES])) + (", …" if len(names) > _SHOWN_NAMES else "")
