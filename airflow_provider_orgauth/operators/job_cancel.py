"""Ask the server to end a job, once, when its task is killed: from a signal handler, and within seconds."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from airflow_provider_orgauth.exceptions import OrgAuthError

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

log = logging.getLogger(__name__)

CANCEL_WITHIN_SECONDS = 4.0
"""Airflow 3 kills a task for good 5 seconds after it has asked it to end."""


class Cancel:
    """The cancellation of one job.

    :param hook: one of its own, for the task's is told to send nothing more. It is made, and has read its connection,
        before there is a reason to cancel: while a signal is handled, what Airflow is asked may not be answered.
    """

    def __init__(self, hook: OrgAuthHook, request: RequestArguments) -> None:
        self._hook = hook
        self._request = request
        self._sending: threading.Thread | None = None
        self._until = 0.0
        self._is_accepted = False

    def begin(self) -> None:
        """Send it, unless that was done already; do not wait."""
        if self._sending is None:
            # In a thread: what holds a lock here may be the very code that a signal interrupted.
            self._sending = threading.Thread(target=self._send, daemon=True)
            self._until = time.monotonic() + CANCEL_WITHIN_SECONDS
            self._sending.start()

    def end(self) -> bool:
        """Wait until it is answered, if it was sent, or until no more time is left; return whether it was accepted."""
        if self._sending is not None:
            self._sending.join(max(0.0, self._until - time.monotonic()))
            if self._sending.is_alive():
                log.warning("The job's cancellation was not answered within %.0f s.", CANCEL_WITHIN_SECONDS)
        return self._is_accepted

    def _send(self) -> None:
        request = self._request
        try:
            response = self._hook.run(request.endpoint, **request.about)
        except OrgAuthError as error:
            log.warning("The job could not be cancelled: %s", error)
        else:
            self._is_accepted = True
            log.info("The job was cancelled: %s answered %d.", request.method, response.status_code)
