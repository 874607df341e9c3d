"""A StatsD server: what arrives over UDP, line by line."""

from __future__ import annotations

import select
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from airflow_provider_orgauth.compat import Stats


@dataclass(frozen=True)
class Line:
    """Such as ``airflow.orgauth.retries.my_api.api.5xx:1|c``, or ``airflow.orgauth.retries:1|c|#conn_id:my_api``.

    :param name: without Airflow's prefix.
    :param kind: ``c``, ``ms`` or ``g``.
    :param tags: of Datadog or of InfluxDB.
    """

    name: str
    value: float
    kind: str
    tags: tuple[tuple[str, str], ...] = ()


class StatsdServer:
    """Listens on a port of the loopback address."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self.datagrams: list[str] = []
        self._receiving = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What makes an Airflow send our metrics here, and none of its own."""
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(self.port),
            "AIRFLOW__METRICS__METRICS_ALLOW_LIST": "orgauth",
        }

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> None:
        """Take what has arrived. Over loopback, what was sent is there at once."""
        with self._receiving:
            while True:
                try:
                    self.datagrams.append(self._socket.recv(65536).decode())
                except BlockingIOError:
                    break

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Take what arrives meanwhile: a socket holds some hundred datagrams only."""
        ended = threading.Event()

        def receive() -> None:
            while not ended.is_set():
                if select.select([self._socket], [], [], 0.2)[0]:
                    self.receive()

        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def lines(self) -> list[Line]:
        """Return all lines of ours so far."""
        self.receive()
        return [line for datagram in self.datagrams for text in datagram.splitlines() if (line := _line(text))]

    def counts(self) -> dict[str, float]:
        """Return the sum of each counter."""
        found: Counter[str] = Counter()
        for line in self.lines():
            if line.kind == "c":
                found[line.name] += line.value
        return dict(found)

    def timings(self, name: str) -> list[float]:
        """Return the milliseconds of each timing of that name."""
        return [line.value for line in self.lines() if line.kind == "ms" and line.name == name]


def begin_stats():
    """Let Airflow's ``Stats`` read its configuration, as each process does once."""
    try:
        from airflow.sdk.observability.metrics import stats_utils
    except ImportError:  # before Airflow 3.2, it is read with the first metric
        type(Stats).instance = None
    else:
        Stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=True)


def _line(text: str) -> Line | None:
    head, value, *rest = text.replace(":", "|", 1).split("|")
    name, *influx = head.split(",")
    if not name.startswith("airflow.orgauth."):
        return None
    tags = tuple(tuple(tag.split("=", 1)) for tag in influx)
    for part in rest[1:]:
        if part.startswith("#"):
            tags = tuple(sorted(tuple(tag.split(":", 1)) for tag in part[1:].split(",")))
    return Line(name.removeprefix("airflow."), float(value), rest[0], tags)
