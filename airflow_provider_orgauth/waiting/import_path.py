"""A function by its import path, ``package.module:function``: it can be written where a function itself cannot go."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

# The object reference of Python's entry points. With a dot alone, package.module.function would be JMESPath as well.
_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def is_import_path(text: str) -> bool:
    """Return whether a text has the form of an import path. None that has is a JMESPath expression."""
    return _PATH.fullmatch(text) is not None


def imported(argument: str, path: str) -> Callable[..., Any]:
    """Return the function at an import path.

    :param argument: whose value the path is, for an error.
    :raises ConfigurationError: there is none. What the module itself raises comes out as it is.
    """
    module, _, names = path.partition(":")
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # a module that this one imports
        raise _no_function(argument, path, f"there is no module {error.name}") from None
    for name in names.split("."):
        found = getattr(found, name, None)
    if not callable(found):
        raise _no_function(argument, path, "there is no such function")
    function: Callable[..., Any] = found
    return function


def _no_function(argument: str, path: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        argument,
        f"{problem} ({path[:200]})",
        advice="Write package.module:function, of a module that the worker can import.",
    )
