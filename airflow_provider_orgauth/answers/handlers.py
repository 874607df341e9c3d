"""``response_check`` and ``response_filter``: what can be wrong with one before there is an answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from airflow_provider_orgauth.answers.expression_advice import problem_and_advice
from airflow_provider_orgauth.exceptions import ConfigurationError

_SHOWN_CHARACTERS = 200
"""Characters of an expression in an error."""


def check_handler(argument: str, handler: Any, context: Mapping[str, Any] | None = None) -> None:
    """Refuse what is neither a JMESPath expression nor a function that can be called with an answer.

    :param context: of the task, whose values a function may name; None: not known yet.
    :raises ConfigurationError: naming ``argument``.
    """
    if isinstance(handler, str):
        _check_expression(argument, handler)
    elif callable(handler):
        _check_function(argument, handler, context)
    else:
        raise ConfigurationError(
            argument, f"is {type(handler).__name__}", advice="Give a JMESPath expression as a text, or a function."
        )


def expression_error(
    argument: str, expression: str, problem: str, advice: str = "See https://jmespath.org."
) -> ConfigurationError:
    """Return the error for a JMESPath expression."""
    return ConfigurationError(argument, f"{problem} in {expression[:_SHOWN_CHARACTERS]!r}", advice=advice)


def _check_expression(argument: str, expression: str) -> None:
    """Refuse what is no JMESPath, and what fails whatever the answer is: an unknown function, a step of 0."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        problem = next(_problems(jmespath.compile(expression).parsed), "")
    except JMESPathError as error:
        raise expression_error(argument, expression, *problem_and_advice(argument, expression, error)) from None
    except RecursionError:
        problem = "nested too deep"
    except (
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ):  # Python's own errors come through, as "`\\ud800`" shows
        problem = "is not valid"
    if problem:
        raise expression_error(argument, expression, problem)


def _problems(node: Any) -> Iterator[str]:
    """Yield what cannot work in a parsed expression: JMESPath finds it only when it gets there."""
    if not isinstance(node, dict):
        return
    children = node.get("children", ())
    if node["type"] == "function_expression":
        yield from _problems_of_call(str(node["value"]), len(children))
    if node["type"] == "slice" and children[2:] == [0]:
        yield "a slice has a step of 0"
    for child in children:
        yield from _problems(child)


def _problems_of_call(name: str, given: int) -> Iterator[str]:
    from jmespath.functions import Functions

    known = Functions.FUNCTION_TABLE
    if name not in known:
        yield f"there is no function {name[:100]}()"
        return
    signature = known[name]["signature"]
    least, is_open = len(signature), bool(signature) and bool(signature[-1].get("variadic"))
    if given < least or (given > least and not is_open):
        yield f"{name}() takes {'at least ' * is_open}{least} argument{'s' * (least != 1)}, and has {given}"


def _check_function(argument: str, function: Callable[..., Any], context: Mapping[str, Any] | None) -> None:
    for is_of_kind, kind in (
        (inspect.iscoroutinefunction, "an async function"),
        (inspect.isgeneratorfunction, "a generator function"),
        (inspect.isasyncgenfunction, "a generator function"),
    ):
        if is_of_kind(function) or is_of_kind(getattr(function, "__call__", None)):  # noqa: B004  an object's own
            # What it returns is never false, whatever the answer.
            raise ConfigurationError(argument, f"is {kind}", advice="Give one that returns its result.")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some that are written in C have none
        return
    if not any(
        parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL)
        for parameter in signature.parameters.values()
    ):
        raise _not_callable(argument, "takes no answer")
    if context is not None:
        _check_call(argument, function, signature, context)


def _check_call(
    argument: str, function: Callable[..., Any], signature: inspect.Signature, context: Mapping[str, Any]
) -> None:
    """Refuse a function that wants a value by a name that the task's context does not have."""
    from airflow_provider_orgauth.compat import determine_kwargs

    try:
        named = determine_kwargs(function, [None], context)
        signature.bind(None, **named)
    except (TypeError, ValueError) as error:
        raise _not_callable(argument, f"cannot be called with an answer ({str(error)[:_SHOWN_CHARACTERS]})") from None


def _not_callable(argument: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        argument,
        problem,
        advice="Write a function of the answer; by name, it may take what the context has: def f(response, ti).",
    )
