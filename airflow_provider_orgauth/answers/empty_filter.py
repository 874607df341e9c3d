"""A JMESPath filter that finds nothing where the answer has something: most often, a name is misspelt."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

log = logging.getLogger(__name__)

_SHOWN_NAMES = 20
"""Names of an answer that a warning shows."""
_MAX_LEVELS = 6
"""Levels of an answer that are looked through, and of each list the first elements only."""
_MAX_ELEMENTS = 20


def warn_if_it_found_nothing(argument: str, expression: str, answer: Any, found: Any) -> None:
    """Warn where ``found`` holds nothing but null, and the expression has names that the answer has not.

    Only names are shown, never values. A null, or an empty list, that the answer itself has is no reason.
    """
    if not answer or not _is_nothing(found):
        return
    names = set(_names_in(answer))
    unknown = sorted({name for name in _fields_of(expression) if name not in names})
    if unknown:
        meant = [close[0] for name in unknown if (close := get_close_matches(name, sorted(names), n=1))]
        problem = f"the answer has no {', '.join(map(repr, unknown[:_SHOWN_NAMES]))}"
        advice = f" Did you mean {', '.join(map(repr, dict.fromkeys(meant)))}?" if meant else ""
    elif found is None and not _is_null_in(expression, answer):
        problem, advice = "nothing is at that place of the answer", ""
    else:
        return
    log.warning(
        "%s finds nothing (%s): %s.%s %s",
        argument,
        expression[:200],
        problem,
        advice,
        _described(answer),
    )


def _is_nothing(found: Any) -> bool:
    if isinstance(found, dict):
        return all(map(_is_nothing, found.values()))
    if isinstance(found, list):
        return all(map(_is_nothing, found))
    return found is None


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


def _is_null_in(expression: str, answer: Any) -> bool:
    """Return whether it is a path of names, and the answer has a null at its end."""
    here = answer
    for name in expression.replace('"', "").split("."):
        if not isinstance(here, dict) or name.strip() not in here:
            return False
        here = here[name.strip()]
    return here is None


def _described(answer: Any) -> str:
    if isinstance(answer, list):
        first = answer[0] if answer else None
        about = f", each with {_listed(first)}" if isinstance(first, dict) else ""
        return f"The filter sees a list of {len(answer):,}{about}."
    return f"It has {_listed(answer)}." if isinstance(answer, dict) else "It is no object."


def _listed(answer: dict[str, Any]) -> str:
    names = [str(name)[:60] for name in answer]
    return ", ".join(map(repr, names[:_SHOWN_NAMES])) + (", …" if len(names) > _SHOWN_NAMES else "")
