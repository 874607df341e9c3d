"""What it costs a request to be observed: by nobody, by the count for the page, by metrics over UDP, by spans that are
not exported, by several.

Beside it, what Airflow's two calls and OpenTelemetry's one span cost without us.

Microseconds a request, without the request itself; the best of several rounds.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
import timeit

ROUNDS, REQUESTS = 7, 2000


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        server.bind(("127.0.0.1", 0))
        about = {"STATSD_ON": "True", "STATSD_HOST": "127.0.0.1", "STATSD_PORT": str(server.getsockname()[1])}
        os.environ.update({f"AIRFLOW__METRICS__{name}": value for name, value in about.items()})
        measure()


def measure() -> None:
    import requests
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    from airflow_provider_orgauth.cache.host_tally import HostTally
    from airflow_provider_orgauth.client.exchange import Answer
    from airflow_provider_orgauth.client.observed_exchange import ObservedExchange
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.compat import Stats
    from airflow_provider_orgauth.observers.guarded import GuardedObservers
    from airflow_provider_orgauth.observers.metric_names import Naming
    from airflow_provider_orgauth.observers.metrics import Metrics
    from airflow_provider_orgauth.observers.request_tally import RequestTally
    from airflow_provider_orgauth.observers.spans import Spans

    if hasattr(Stats, "initialize"):
        from airflow.sdk.observability.metrics import stats_utils

        Stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=True)
    trace.set_tracer_provider(TracerProvider())
    metrics, spans = Metrics("my_api", Naming.IN_NAME), Spans("my_api", send_traceparent=False)
    tally = RequestTally(HostTally("benchmark"), time.time)
    sends_id = Spans("my_api", send_traceparent=True)
    request = requests.Request("GET", "https://fra1.blynk.cloud/api/v1/organization/devices?page=1").prepare()
    answer = Answer(200, {}, 0.01, requests.Response())
    retry = RetryPolicy(5)

    def observed(observer: object) -> None:
        driver = None if observer is None else ObservedExchange(observer, retry)  # type: ignore[arg-type]
        if driver is not None:
            with driver.transmission(request) as transmission:
                transmission.result = answer

    def stats_alone() -> None:
        Stats.incr("orgauth.api_requests.my_api.2xx", 1)
        Stats.timing("orgauth.api_request.duration.my_api.2xx", 10.0)

    tracer = trace.get_tracer("alone")
    attributes = dict.fromkeys(("http.request.method", "url.full", "server.address", "orgauth.conn_id"), "GET")

    def span_alone() -> None:
        span = tracer.start_span("GET", kind=trace.SpanKind.CLIENT, attributes={**attributes, "server.port": 443})
        span.set_attribute("http.response.status_code", 200)
        span.end()

    for name, alone in (("Airflow's Stats alone", stats_alone), ("a span alone", span_alone)):
        seconds = min(timeit.repeat(alone, repeat=ROUNDS, number=REQUESTS))
        print(f"{name:22} {1e6 * seconds / REQUESTS:8.2f} µs")
    for name, observer in (
        ("nobody", None),
        ("the count", tally),
        ("metrics", GuardedObservers([metrics])),
        ("spans", GuardedObservers([spans])),
        ("spans, sent along", GuardedObservers([sends_id])),
        ("metrics and the count", GuardedObservers([metrics, tally])),
        ("both", GuardedObservers([metrics, spans])),
    ):
        seconds = min(timeit.repeat(lambda one=observer: observed(one), repeat=ROUNDS, number=REQUESTS))
        print(f"{name:22} {1e6 * seconds / REQUESTS:8.2f} µs")


if __name__ == "__main__":
    main()
