"""A task's log ends with what happened and what to do.

Airflow 3 shows an exception as the head of a list of frames: one line, cut at the edge of the window where the advice
begins, with paths below it. What a task's callbacks log comes below those paths.
"""

from __future__ import annotations

import logging
import textwrap
from typing import Any

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.hooks.task_key import current_context

log = logging.getLogger(__name__)

_CALLBACKS = ("on_failure_callback", "on_retry_callback")
"""Of an operator: Airflow calls the one or the other when a task has failed, and has logged why."""
_WIDTH = 72
"""Characters of a line: Airflow's log view breaks none by itself unless a user turns that on, and this many fit."""


def say_errors_last(task: Any = None) -> None:
    """Let an error of this provider that ends a task be the last line of its log as well, below its frames.

    :param task: the operator that runs, or None: whichever does. It is this process's own: Airflow serialized the DAG
        before, and no other process sees what is added here.
    """
    from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

    if not AIRFLOW_V_3_0_PLUS:
        return  # the exception's own text is the last line there
    task = task or current_context().get("task")
    if task is None:
        return
    for name in _CALLBACKS:
        given = getattr(task, name, None) or ()
        callbacks = [given] if callable(given) else list(given)
        if _say_error not in callbacks:
            setattr(task, name, [*callbacks, _say_error])


def _say_error(context: Any) -> None:
    from airflow.providers.common.compat.version_compat import get_base_airflow_version_tuple

    from airflow_provider_orgauth.compat import secrets_masker

    error = context.get("exception")
    if not isinstance(error, OrgAuthError):
        return
    if get_base_airflow_version_tuple() >= (3, 2):
        # Callbacks run within "Post Execute", which is folded up. This ends it; Airflow's own end then ends nothing.
        log.info("::endgroup::")
    # First: a secret with a space in it, broken over two lines, is none that Airflow's masker knows.
    text = str(secrets_masker().redact(str(error)))
    log.error("%s", textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False))
