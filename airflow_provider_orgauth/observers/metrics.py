"""What happens as numbers, through Airflow's ``Stats``: to StatsD, Datadog or OpenTelemetry, as configured there."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Literal

from airflow_provider_orgauth.client.observer import Observer, TokenRequestEnd, Wait
from airflow_provider_orgauth.compat import Stats
from airflow_provider_orgauth.observers.metric_names import Naming, named, tag_value

NO_ANSWER = "none"
"""The status of a request that got no answer."""


class Metrics(Observer):
    """Counts and times what one connection's requests go through; ``docs/metrics.md`` has the names.

    :param timer: seconds that only ever grow.
    """

    def __init__(self, conn_id: str, how: Naming, timer: Callable[[], float] = time.monotonic) -> None:
        self._conn_id = tag_value(conn_id)
        self._how = how
        self._timer = timer

    def sending(self, method: str, url: str, headers: MutableMapping[str, Any], *, resends: int) -> float:
        """Return the time."""
        return self._timer()

    def sent(
        self, began: float, headers: MutableMapping[str, Any], *, status: int | None, error: type[BaseException] | None
    ) -> None:
        """Count and time a request to the API, by the class of its status."""
        self._count("api_requests", status=status_class(status))
        self._time("api_request.duration", self._timer() - began, status=status_class(status))

    def token_requested(self, end: TokenRequestEnd) -> None:
        """Count and time a request to the token endpoint."""
        grant = tag_value(end.grant.rpartition(":")[2])  # of a URN, what tells it from others
        self._count("token_requests", grant=grant, outcome=end.outcome)
        self._time("token_request.duration", end.seconds, grant=grant, outcome=end.outcome)

    def retrying(self, of: Literal["api", "token"], *, status: int | None, wait: Wait | None, seconds: float) -> None:
        """Count a retry, and time the wait before it."""
        self._count("retries", of=of, status=status_class(status))
        if wait is not None:
            self.waiting(wait, seconds)

    def waiting(self, wait: Wait, seconds: float) -> None:
        """Time a wait."""
        self._time("wait.duration", seconds, reason=wait)

    def replaying(self) -> None:
        """Count a replay."""
        self._count("replays_401")

    def token_looked_for(self, *, found: bool) -> None:
        """Count a look for a shared token."""
        self._count("cache_lookups", outcome="hit" if found else "miss")

    def lease_sought(self, entry: str) -> None:
        """Count a wait for the lease."""
        self._count("lease_turns", outcome=entry)

    def exported(self, *, files: int = 0, records: int = 0, pages: int = 0, size: int = 0) -> None:
        """Count what came to a file.

        :param size: bytes.
        """
        for metric, number in (("files", files), ("records", records), ("pages", pages), ("bytes", size)):
            if number > 0:
                self._count(f"export.{metric}", number)

    def waits(self, number: int) -> None:
        """Gauge the waits that this triggerer has."""
        about = {"conn_id": self._conn_id, "hostname": tag_value(socket.gethostname())}
        name, tags = named("triggerer.waits", about, self._how)
        Stats.gauge(name, number, tags=tags)

    def _count(self, metric: str, number: int = 1, **tags: str) -> None:
        name, with_tags = named(metric, {"conn_id": self._conn_id, **tags}, self._how)
        Stats.incr(name, number, tags=with_tags)

    def _time(self, metric: str, seconds: float, **tags: str) -> None:
        name, with_tags = named(metric, {"conn_id": self._conn_id, **tags}, self._how)
        Stats.timing(name, seconds * 1000, tags=with_tags)  # milliseconds, as StatsD has them


def status_class(status: int | None) -> str:
    """Return the class of a status (RFC 9110 section 15), such as ``2xx``."""
    return NO_ANSWER if status is None else f"{status // 100}xx"
