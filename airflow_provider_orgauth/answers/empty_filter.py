"""A JMESPath filter that finds nothing where the answer has something: most often, a name is misspelt."""

from __future__ import annotations

import logging
from typing import Any

from airflow_provider_orgauth.answers.expression_names import described, unknown_names

log = logging.getLogger(__name__)


def warn_if_it_found_nothing(argument: str, expression: str, answer: Any, found: Any) -> None:
    """Warn where ``found`` holds nothing but null, and the expression has names that the answer has not.

    Only names are shown, never values. A null, or an empty list, that the answer itself has is no reason.
    """
    if not answer or not _is_nothing(found):
        return
    unknown, advice = unknown_names(expression, answer)
    if unknown:
        problem = f"the answer has no {unknown}"
    elif found is None and not _is_null_in(expression, answer):
        problem = "nothing is at that place of the answer"
    else:
        return
    log.warning(
        "%s finds nothing (%s): %s.%s %s",
        argument,
        expression[:200],
        problem,
        f" {advice}" if advice else "",
        described(answer),
    )


def _is_nothing(found: Any) -> bool:
    if isinstance(found, dict):
        return all(map(_is_nothing, found.values()))
    if isinstance(found, list):
        return all(map(_is_nothing, found))
    return found is None


def _is_null_in(expression: str, answer: Any) -> bool:
    """Return whether it is a path of names, and the answer has a null at its end."""
    here = answer
    for name in expression.replace('"', "").split("."):
        if not isinstance(here, dict) or name.strip() not in here:
            return False
        here = here[name.strip()]
    return here is None
