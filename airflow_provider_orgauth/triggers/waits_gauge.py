"""Tells metrics how many waits a connection has in this triggerer."""

from __future__ import annotations

import asyncio

from airflow_provider_orgauth.observers.choice import metrics_of

TELL_AFTER_SECONDS = 1.0
"""After a change: ten thousand waits may begin together."""

TELL_AGAIN_AFTER_SECONDS = 10.0
"""Without one, while there are waits: some metrics servers forget a gauge that nobody tells them."""


class WaitsGauge:
    """The number of waits of one connection on one event loop.

    :param org_conn_id: the connection, which is not read for this.
    """

    def __init__(self, org_conn_id: str, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._observer = metrics_of(org_conn_id)
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None

    def changed(self, number: int) -> None:
        """Take a new number."""
        self._number = number
        if self._observer is not None:
            self._tell_in(TELL_AFTER_SECONDS)

    def _tell_in(self, seconds: float) -> None:
        at = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(at, self._tell)

    def _tell(self) -> None:
        self._timer = None
        if self._observer is not None:
            self._observer.waits(self._number)
        if self._number:
            self._tell_in(TELL_AGAIN_AFTER_SECONDS)
