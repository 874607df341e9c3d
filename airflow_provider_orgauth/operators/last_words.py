"""A task's log ends with what happened and what to do.

Airflow 3 shows an exception as the head of a list of frames: one line, cut at the edge of the window where the advice
begins, with paths below it. A line of the log's own wraps there, and what a task's callbacks log comes last.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any

from airflow_provider_orgauth.exceptions import OrgAuthError

log = logging.getLogger(__name__)

_CALLBACKS = ("on_failure_callback", "on_retry_callback")
"""Of an operator: Airflow calls the one or the other when a task has failed, and has logged why."""


class LastWords:
    """Around what a task does: an error of this provider becomes the last line of the log as well.

    :param operator: the task. It is this process's own: Airflow serialized the DAG before.
    """

    def __init__(self, operator: Any) -> None:
        self._operator = operator

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let Airflow log the error's text once more, after its frames."""
        from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

        if not isinstance(error, OrgAuthError) or not AIRFLOW_V_3_0_PLUS:
            return
        text = str(error)

        def say_it(context: Any) -> None:
            log.error("%s", text)

        for name in _CALLBACKS:
            given = getattr(self._operator, name) or ()
            setattr(self._operator, name, [*([given] if callable(given) else given), say_it])
