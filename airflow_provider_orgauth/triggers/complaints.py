"""What a watcher says of what is wrong: for Airflow's log, since it has no task that could fail."""

from __future__ import annotations

import logging

from airflow_provider_orgauth.answers.errors_while_waiting import kind_of
from airflow_provider_orgauth.exceptions import OrgAuthError

log = logging.getLogger(__name__)


class Complaints:
    """Says the same again only after a while.

    :param about: whose they are, for the log.
    :param again_after: seconds.
    """

    def __init__(self, about: str, *, again_after: float) -> None:
        self._about = about
        self._again_after = again_after
        self._kind: object = None
        self._said_at = float("-inf")

    def tell(self, error: Exception, now: float, *, level: int = logging.ERROR) -> None:
        """Log an error.

        :param now: seconds of any one clock.
        """
        is_ours = isinstance(error, OrgAuthError)
        kind: object = kind_of(error) if isinstance(error, OrgAuthError) else type(error)
        if kind == self._kind and now - self._said_at < self._again_after:
            return
        self._kind, self._said_at = kind, now
        # Of an error that is not ours, the text may hold a credential.
        log.log(level, "The watcher of %s tells nothing: %s", self._about, error if is_ours else type(error).__name__)

    def end(self) -> None:
        """Note that all is well again."""
        if self._kind is not None:
            self._kind = None
            log.info("The watcher of %s is at work again.", self._about)
