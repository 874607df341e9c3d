"""A JMESPath expression that cannot be read: where, and what was most likely meant."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)(?![\w`])")
_ONE_EQUALS = re.compile(r"(?<![=!<>])=(?!=)")
_PYTHON = re.compile(r"\s*(response\b|lambda\b)|\.json\(\)")
_WORDS = {"and": "&&", "or": "||", "not": "!"}
_ELSEWHERE = "See https://jmespath.org."


def problem_and_advice(argument: str, expression: str, error: Exception) -> tuple[str, str]:
    """Return what is wrong with ``expression``, as far as jmespath knows, and what to write instead.

    :param argument: how the user calls the expression.
    :param error: what jmespath raised.
    """
    return _problem(error), _advice(argument, expression, error)


def _problem(error: Exception) -> str:
    position = getattr(error, "lex_position", None)
    token = getattr(error, "token_value", None)
    if position is None:
        return "there is no expression" if "empty" in str(error) else "is not valid"
    if token in (None, ""):
        return "JMESPath misses something at the end"
    return f"JMESPath does not understand {str(token)[:60]!r} (character {position + 1})"


def _advice(argument: str, expression: str, error: Exception) -> str:
    if _PYTHON.search(expression):
        return (
            f"That is Python: give a function, such as {argument}=lambda response: response.status_code == 200. "
            "JMESPath sees the answer's JSON."
        )
    if "{{" in expression:
        return f"{argument} is not templated: write a function, which may take what the context has."
    for meant, why in (
        (_NUMBER.sub(r"\1 `\2`", expression), "A number is written in backquotes"),
        (_NUMBER.sub(r"\1 `\2`", _ONE_EQUALS.sub("==", expression)), "Two values are compared with =="),
    ):
        if meant != expression and _is_valid(meant):
            return f"{why}: {meant[:200]}"
    word = next((word for word in _WORDS if re.search(rf"\b{word}\b", expression)), "")
    if word:
        return f"JMESPath writes {_WORDS[word]} for {word}. {_ELSEWHERE}"
    if str(getattr(error, "token_value", "")) == "$":
        return f"JMESPath has no $: begin with the answer's first key. {_ELSEWHERE}"
    return _ELSEWHERE


def _is_valid(expression: str) -> bool:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(expression)
    except (JMESPathError, RecursionError, AttributeError, LookupError, TypeError, ValueError):
        return False
    return True
