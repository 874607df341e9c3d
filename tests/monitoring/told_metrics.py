"""Every metric that there is, with every value of its labels, as a StatsD server gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any, get_args

import pytest
from statsd_server import Line, StatsdServer, begin_stats

from airflow_provider_orgauth.client.observer import Observer, TokenRequestEnd, Wait
from airflow_provider_orgauth.oauth.answers import Reason
from airflow_provider_orgauth.oauth.lease import Entry
from airflow_provider_orgauth.observers.metric_names import naming
from airflow_provider_orgauth.observers.metrics import Metrics

CONN_ID = "my_api"
STATUSES = (200, 302, 404, 503, None)
GRANTS = ("client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer")
KINDS = {"c": "counter", "ms": "timer", "g": "gauge"}


@dataclass
class Metric:
    """What is known of one metric.

    :ivar plain: its names, as plain StatsD has them.
    :ivar labels: in the order of the name, with each value that was seen.
    """

    kind: str
    labels: dict[str, set[str]] = field(default_factory=dict)
    plain: dict[str, dict[str, str]] = field(default_factory=dict)


def tell_everything(observer: Observer) -> None:
    """Call each method of an observer, with each value that it may be given."""
    for status in STATUSES:
        began = observer.sending("GET", "https://api.example/x", {}, resends=0)
        observer.sent(began, {}, status=status, error=None if status else OSError)
    for outcome, grant in product(["granted", "lost", *Reason], GRANTS):
        observer.token_requested(TokenRequestEnd("https://api.example/token", grant, str(outcome), 0.5))
    for of, status in product(("api", "token"), STATUSES):
        observer.retrying(of, status=status, wait=None, seconds=0)
    for wait in get_args(Wait):
        observer.waiting(wait, 1.5)
    observer.replaying()
    for found in (True, False):
        observer.token_looked_for(found=found)
    for entry in Entry:
        if entry is not Entry.NEEDLESS:  # nothing is agreed on, and nothing is told
            observer.lease_sought(entry.name.lower())
    observer.exported(files=1, records=3, pages=2, size=1000)
    observer.waits(7)


def methods_told(tell: Callable[[Observer], None]) -> set[str]:
    """Return the names of the methods that ``tell`` calls."""
    called = set()

    class Noting(Observer):
        def __getattribute__(self, name: str) -> Any:
            called.add(name)
            return super().__getattribute__(name)

    tell(Noting())
    return called


def _sent(**settings: str) -> list[Line]:
    server = StatsdServer()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (server.environment | settings).items():
            patch.setenv(name, value)
        begin_stats()
        how = naming()
        assert how is not None
        tell_everything(Metrics(CONN_ID, how))
        lines = server.lines()
    server.close()
    begin_stats()
    return lines


def metrics() -> dict[str, Metric]:
    """Return all metrics, by their names without Airflow's prefix."""
    found: dict[str, Metric] = {}
    # The same in the same order: so each plain name has the tags that it stands for.
    tagged, plain = _sent(AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED="True"), _sent()
    for line, its_plain in zip(tagged, plain, strict=True):
        metric = found.setdefault(line.name, Metric(KINDS[line.kind]))
        for label, value in line.tags:
            metric.labels.setdefault(label, set()).add(value)
        metric.plain[its_plain.name] = dict(line.tags)
    return found
