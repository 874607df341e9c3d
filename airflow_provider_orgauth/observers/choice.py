"""Choose who observes a connection's requests: a count for the page of the tokens; metrics, traces if on."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from airflow_provider_orgauth.observers.metric_names import naming

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.observer import Observer

log = logging.getLogger(__name__)


def observer_of(conn_id: str, *, send_traceparent: bool, tally: Observer | None = None) -> Observer | None:
    """Return who is to be told of the requests of a connection; None: nobody.

    :param send_traceparent: the connection wants requests to carry the id of their span.
    :param tally: what counts requests for the page of the tokens, if anything does.
    """
    observers = _metrics(conn_id)
    try:
        if is_traced() or (send_traceparent and find_spec("opentelemetry") is not None):
            from airflow_provider_orgauth.observers.spans import Spans

            observers.append(Spans(conn_id, send_traceparent=send_traceparent))
    except Exception as error:  # as in _metrics
        log.warning("Traces are off for %s: %s.", conn_id, type(error).__name__)
    if not observers:
        return tally  # it needs no guard, and the usual case is the cheapest
    return _guarded(observers if tally is None else [*observers, tally])


def metrics_of(conn_id: str) -> Observer | None:
    """Return who is to be told of what only metrics are about."""
    return _guarded(_metrics(conn_id))


def _metrics(conn_id: str) -> list[Observer]:
    try:
        how = naming()
        if how is None:
            return []
        from airflow_provider_orgauth.observers.metrics import Metrics
    except Exception as error:  # no configuration of metrics, and no package that they need, fails a task
        log.warning("Metrics are off for %s: %s.", conn_id, type(error).__name__)
        return []
    return [Metrics(conn_id, how)]


def _guarded(observers: list[Observer]) -> Observer | None:
    if not observers:
        return None
    from airflow_provider_orgauth.observers.guarded import GuardedObservers

    return GuardedObservers(observers)


def is_traced() -> bool:
    """Return whether this process has a tracer provider. It has none where nothing has imported OpenTelemetry yet."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider | trace.NoOpTracerProvider)
