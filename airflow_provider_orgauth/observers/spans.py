"""What happens as spans of OpenTelemetry, which Airflow's tracing sends wherever it is configured to.

A request is a span of the kind CLIENT, by the semantic conventions for HTTP, from before it is sent until the head of
its answer is there. It is a child of the span that is the current one: the task's. No query goes into it: one may hold
credentials.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from airflow_provider_orgauth import __version__
from airflow_provider_orgauth.client.observer import Observer, TokenRequestEnd

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_DEFAULT_PORTS = {"https": 443, "http": 80}
_PROPAGATOR = TraceContextTextMapPropagator()  # and no other that somebody may have configured: baggage stays here


class Spans(Observer):
    """Makes a span of each request, to the API and to the token endpoint.

    :param conn_id: goes into each span.
    :param send_traceparent: send the API the span's id (W3C Trace Context), so that its own spans can be found by it.
    """

    def __init__(self, conn_id: str, *, send_traceparent: bool) -> None:
        self._conn_id = conn_id
        self._send_traceparent = send_traceparent
        self._tracer = trace.get_tracer("airflow_provider_orgauth", __version__)

    def sending(
        self, method: str, url: str, headers: MutableMapping[str, Any], *, resends: int
    ) -> tuple[trace.Span, tuple[str, ...]]:
        """Begin a span; send its id along, unless the caller has given one."""
        attributes: dict[str, Any] = {**_of(method, url.partition("?")[0]), "orgauth.conn_id": self._conn_id}
        if resends:
            attributes["http.request.resend_count"] = resends
        name = attributes["http.request.method"]
        span = self._tracer.start_span(
            "HTTP" if name == "_OTHER" else name, kind=trace.SpanKind.CLIENT, attributes=attributes
        )
        added: dict[str, str] = {}
        if self._send_traceparent and "traceparent" not in headers:
            _PROPAGATOR.inject(added, trace.set_span_in_context(span))
            headers.update(added)
        return span, tuple(added)

    def sent(
        self,
        began: tuple[trace.Span, tuple[str, ...]],
        headers: MutableMapping[str, Any],
        *,
        status: int | None,
        error: type[BaseException] | None,
    ) -> None:
        """End the span."""
        span, added = began
        for name in added:  # what is sent again has a span of its own
            headers.pop(name, None)
        _end(span, status, error.__name__ if error is not None else None)

    def token_requested(self, end: TokenRequestEnd) -> None:
        """Make a span of a token request, which has ended."""
        now = time.time_ns()
        attributes: dict[str, Any] = {
            **_of("POST", end.url),
            "orgauth.conn_id": self._conn_id,
            "orgauth.grant": end.grant,
            "orgauth.outcome": end.outcome,
        }
        if end.lifetime is not None:
            attributes |= {"orgauth.lifetime": end.lifetime, "orgauth.has_refresh_token": bool(end.has_refresh_token)}
        start_time = now - round(end.seconds * 1e9)
        span = self._tracer.start_span("POST", kind=trace.SpanKind.CLIENT, attributes=attributes, start_time=start_time)
        _end(span, end.status, None if end.outcome == "granted" else end.outcome, end_time=now)


@lru_cache(maxsize=256)
def _of(method: str, url: str) -> dict[str, Any]:
    """Return the attributes of a request.

    :param url: without its query.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    where = parts.netloc.rpartition("@")[2]
    attributes: dict[str, Any] = {
        "http.request.method": method if method in _METHODS else "_OTHER",
        "url.full": f"{parts.scheme}://{where}{parts.path}",
        "server.address": host,
        "server.port": port,
    }
    return attributes


def _end(span: trace.Span, status: int | None, error: str | None, *, end_time: int | None = None) -> None:
    if status is not None:
        span.set_attribute("http.response.status_code", status)
        error = error or (str(status) if status >= 400 else None)
    if error is not None:
        span.set_attribute("error.type", error)
        span.set_status(trace.StatusCode.ERROR)
    span.end(end_time)
