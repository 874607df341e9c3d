"""Spans of real requests, as an exporter of OpenTelemetry's SDK gets them."""

from __future__ import annotations

import asyncio
import json

import pytest

pytest.importorskip("opentelemetry.sdk")

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from trace_server import trace_server

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import PageNumberPagination

API = "/api/v1/organization"
PROFILE = f"{API}/profile"


@pytest.fixture
def traced(monkeypatch):
    """Yield where all spans go, while this process has a tracer provider: OpenTelemetry lets it set one only once."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


@pytest.fixture
def task_span(traced):
    """Make a span the current one, as Airflow does around a task."""
    with trace.get_tracer("a task's").start_as_current_span("worker.my_task") as span:
        yield span


@pytest.fixture
def hook_on(monkeypatch, clockwork):
    """Return a function that makes a hook on a server; keywords are fields of the connection's extra."""

    def make(server, **extra):
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json(**extra))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    return make


def called(hook, way, endpoint=PROFILE, **about):
    if way == "thread":
        return hook.run(endpoint, **about)

    async def call():
        try:
            return await hook.run_async(endpoint, **about)
        finally:
            await hook.aclose()

    return asyncio.run(call())


BOTH_WAYS = pytest.mark.parametrize("way", ["thread", "loop"])


@BOTH_WAYS
def test_a_call_is_a_span_of_the_task_and_so_is_its_token_request(make_hook, orgauth_emulator, traced, task_span, way):
    called(make_hook(), way, params={"branches": True})

    token, api = traced.get_finished_spans()
    port = int(orgauth_emulator.url.rpartition(":")[2])
    assert token.name == "POST"
    assert token.attributes == {
        "http.request.method": "POST",
        "url.full": f"{orgauth_emulator.url}/oauth2/token",
        "server.address": "127.0.0.1",
        "server.port": port,
        "http.response.status_code": 200,
        "orgauth.conn_id": "orgauth_default",
        "orgauth.grant": "client_credentials",
        "orgauth.outcome": "granted",
        "orgauth.lifetime": 300.0,
        "orgauth.has_refresh_token": True,
    }
    assert api.name == "GET"
    assert api.kind is trace.SpanKind.CLIENT
    assert api.attributes == {
        "http.request.method": "GET",
        "url.full": f"{orgauth_emulator.url}{PROFILE}",
        "server.address": "127.0.0.1",
        "server.port": port,
        "http.response.status_code": 200,
        "orgauth.conn_id": "orgauth_default",
    }
    for span in (token, api):
        assert span.parent.span_id == task_span.get_span_context().span_id
        assert span.status.is_ok or span.status.is_unset
        assert 0 < span.end_time - span.start_time < 60e9


@BOTH_WAYS
def test_each_attempt_is_a_span_and_an_error_is_told(make_hook, orgauth_emulator, traced, way):
    orgauth_emulator.fault("status", PROFILE, status=503)
    orgauth_emulator.fault("reset", PROFILE)

    called(make_hook(), way)

    spans = traced.get_finished_spans()[1:]
    assert [span.attributes.get("http.response.status_code") for span in spans] == [503, None, 200]
    assert [span.attributes.get("http.request.resend_count") for span in spans] == [None, 1, 2]
    assert [span.attributes.get("error.type") for span in spans] == ["503", "ConnectionError", None]
    assert [span.status.status_code.name for span in spans] == ["ERROR", "ERROR", "UNSET"]


def test_a_refusal_is_an_error_of_the_token_request(make_hook, orgauth_emulator, traced):
    hook = make_hook()
    orgauth_emulator.settings(client_secret="another-one")

    with pytest.raises(errors.TokenError):
        hook.run(PROFILE)

    (span,) = traced.get_finished_spans()
    assert span.attributes["error.type"] == "invalid_client"
    assert span.attributes["http.response.status_code"] == 400


def test_pages_that_are_fetched_by_threads_are_spans_of_the_task(make_hook, traced, task_span):
    hook = make_hook()

    list(hook.paginate(f"{API}/devices", pagination=PageNumberPagination(size=100), max_concurrency=4))

    spans = traced.get_finished_spans()
    assert len(spans) > 20
    assert {span.parent and span.parent.span_id for span in spans} == {task_span.get_span_context().span_id}


@BOTH_WAYS
@pytest.mark.parametrize("wanted", [True, False])
def test_the_api_gets_the_id_of_the_span_where_the_connection_says_so(hook_on, traced, task_span, way, wanted):
    with trace_server() as server:
        called(hook_on(server, send_traceparent=wanted), way)

    trace_id = trace.format_trace_id(task_span.get_span_context().trace_id)
    spans = [span.context for span in traced.get_finished_spans()[1:]]
    ids = [f"00-{trace_id}-{trace.format_span_id(span.span_id)}-{span.trace_flags:02x}" for span in spans]
    assert len(set(ids)) == 2
    expected = ids if wanted else [None, None]
    assert server.traceparents == [None, *expected]  # the first one is the token request


def test_a_traceparent_that_the_caller_gives_stays(hook_on, traced):
    mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    with trace_server() as server:
        hook_on(server, send_traceparent=True).run(PROFILE, headers={"traceparent": mine})

    assert server.traceparents == [None, mine, mine]


def test_the_id_of_the_task_is_sent_where_nothing_is_traced(hook_on):
    """Airflow 3.3 gives each task a span that is not recorded."""
    parent = trace.SpanContext(0xABC, 0xDEF, is_remote=False)

    with trace_server() as server, trace.use_span(trace.NonRecordingSpan(parent)):
        hook_on(server, send_traceparent=True).run(PROFILE)

    its = f"00-{0xABC:032x}-{0xDEF:016x}-00"
    assert server.traceparents == [None, its, its]


def test_nothing_is_sent_where_there_is_no_span_at_all(hook_on):
    with trace_server() as server:
        hook_on(server, send_traceparent=True).run(PROFILE)

    assert server.traceparents == [None, None, None]


def test_nobody_observes_where_this_process_has_no_tracer_provider(make_hook):
    assert make_hook().observer is None


def test_no_secret_is_in_a_span(make_hook, orgauth_emulator, traced):
    hook = make_hook(send_traceparent=True)
    hook.run(PROFILE, params={"password": "in-the-query"})
    orgauth_emulator.revoke()
    hook.run(PROFILE, headers={"X-Api-Key": "in-a-header"})

    told = json.dumps([json.loads(span.to_json()) for span in traced.get_finished_spans()])
    tokens = [token for token, _ in orgauth_emulator.issued()]
    assert len(tokens) == 2
    for secret in (orgauth_emulator.client_secret, "in-the-query", "in-a-header", "grant_type", *tokens):
        assert secret not in told
