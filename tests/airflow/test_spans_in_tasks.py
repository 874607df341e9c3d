"""Spans of a real Airflow, as a collector gets them: each request is a child of its task, or of its trigger."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from harness import poll_until

from airflow_provider_orgauth.emulator import running_emulator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))

from secret_search import SecretSearch

pytestmark = pytest.mark.airflow

DAG_ID = CONN_ID = "traced"
API = "/api/v1/organization"
PAGES = 25
PATIENCE_SECONDS = 180


@pytest.fixture(scope="module")
def traced(airflow3, spans_of_airflow3):
    """Run the DAG; return the emulator, this run's spans, and those that a request may be a child of, by id."""
    with running_emulator(devices=100 * PAGES) as emulator:
        emulator.script_device(1, {"connected": False}, {"connected": True, "polls": 4})
        connection = json.loads(emulator.connection_json())
        airflow3.put_connection(CONN_ID, **connection | {"extra": json.dumps({"send_traceparent": True})})
        run_id = airflow3.trigger(DAG_ID)
        state = airflow3.wait(DAG_ID, run_id, timeout=PATIENCE_SECONDS)
        assert state == "success", [airflow3.task_log(DAG_ID, run_id, task)[-3000:] for task in ("listed", "waited")]
        requests = sum(emulator.stats()[name] for name in ("api_requests", "token_requests"))
        for _ in poll_until("spans are missing", 30):
            spans = [span for span in spans_of_airflow3.own_spans() if span.attributes["orgauth.conn_id"] == CONN_ID]
            # Of one name there may be two: a task that has waited runs once more.
            around = {span.span_id: span for span in spans_of_airflow3.spans() if span.name in AROUND}
            if len(spans) >= requests and {span.name for span in around.values()} == AROUND:
                break
        yield emulator, spans, around


AROUND = {"worker.listed", "worker.waited", "trigger.waited"}


def test_each_request_is_a_child_of_its_task_or_of_its_trigger(traced):
    emulator, spans, around = traced
    names = {span_id: span.name for span_id, span in around.items()}
    found = Counter((names.get(span.parent_id), urlsplit(span.attributes["url.full"]).path) for span in spans)

    assert len({span.trace_id for span in spans} | {span.trace_id for span in around.values()}) == 1
    assert found["worker.listed", "/oauth2/token"] == 1
    assert found["worker.listed", f"{API}/profile"] == 1
    assert found["worker.listed", f"{API}/devices"] == PAGES  # by threads
    assert found["worker.waited", f"{API}/device/online"] == 1  # before it defers
    assert found["trigger.waited", f"{API}/device/online"] >= 2
    assert sum(found.values()) == len(spans) == sum(emulator.stats()[k] for k in ("api_requests", "token_requests"))
    assert {name for name, _ in found} == AROUND


def test_no_secret_is_in_a_span(traced, spans_of_airflow3):
    emulator, *_ = traced
    search = SecretSearch()
    search.add_client("client", emulator.client_id, emulator.client_secret)
    for token, _ in emulator.issued():
        search.add("access token", token)
    for token in emulator._run(lambda: list(emulator._core.tokens._refresh)):
        search.add("refresh token", token)
    for said in ("a-secret-in-the-query", "a-secret-in-a-header"):
        search.add(said, said)
    sent = b"\n".join(spans_of_airflow3.bodies)

    assert len(search) > 20
    assert f"{API}/devices".encode() in sent
    assert search.found(sent) == []
