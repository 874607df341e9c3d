"""The files in docs/monitoring at work: metrics of real requests, a real statsd_exporter, a real Prometheus.

Neither program is in a Python package, so this is skipped where they are not; ``make test-monitoring`` insists.
"""

from __future__ import annotations

import math
import os
import subprocess

import pytest
from monitoring_files import FOLDER, RULES, RULES_TEST, alerts, dashboard, panels
from prometheus_stack import missing_programs, prometheus_stack
from statsd_server import begin_stats

from airflow_provider_orgauth import compat
from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.observers.choice import metrics_of
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination
from tests.variables_in_memory import VariablesInMemory

API = "/api/v1/organization"
PROFILE, DEVICES = f"{API}/profile", f"{API}/devices"
REFUSED = "refused"
PATIENCE_ROUNDS = 20


@pytest.fixture(scope="module", autouse=True)
def _programs():
    if missing := missing_programs():
        reason = f"not on the path: {', '.join(missing)}. docs/metrics.md says where they come from"
        (pytest.fail if os.environ.get("ORGAUTH_MONITORING_REQUIRED") else pytest.skip)(reason)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Prometheus, with what becomes of this process's metrics."""
    with prometheus_stack(tmp_path_factory.mktemp("prometheus")) as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        patch.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
        patch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(stack.statsd_port))
        begin_stats()
        yield stack
    begin_stats()


@pytest.fixture
def go_through_everything(orgauth_emulator, monkeypatch, clockwork, tmp_path):
    """Return a function that lets something happen to each metric."""

    def sleep(seconds):
        clockwork.sleep(seconds)
        orgauth_emulator.advance(seconds)

    def hook(conn_id, **extra):
        orgauth_emulator.set_connection(monkeypatch, conn_id, **extra)
        return OrgAuthHook(conn_id, clock=clockwork.clock, sleep=sleep)

    def go():
        orgauth_emulator.reset()
        monkeypatch.setattr(compat, "Variable", VariablesInMemory())
        hook("my_api").run(PROFILE)
        memory.TOKENS.clear()  # as another process, which finds that one's token
        shared = hook("my_api")
        shared.run(PROFILE)
        orgauth_emulator.fault("status", PROFILE, status=503)
        shared.run(PROFILE)
        orgauth_emulator.revoke()
        shared.run(PROFILE)
        orgauth_emulator.settings(rate_limit=12, rate_window=60, retry_after="seconds")
        list(shared.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=4))
        orgauth_emulator.settings(rate_limit=0)
        export = OrgApiOperator(
            task_id="export",
            org_conn_id="my_api",
            endpoint=DEVICES,
            pagination="page_number",
            output_path=str(tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"),
        )
        export.execute({})
        metrics_of("my_api").waits(3)
        refused = hook(REFUSED, cache="memory", scope="another")
        orgauth_emulator.settings(client_secret="another-one")
        with pytest.raises(errors.TokenError):
            refused.run(PROFILE)

    return go


def asked(expression):
    """Return an expression as Grafana asks for it."""
    return expression.replace("$conn_id", ".*").replace("$__rate_interval", "15s")


def test_each_panel_shows_what_happens(prometheus, go_through_everything):
    """And an alert of a client that is refused comes up."""
    wanted = {(panel.where, panel.text): panel for panel in panels()}
    seen = {}
    for _ in range(PATIENCE_ROUNDS):
        go_through_everything()
        for key, panel in wanted.items():
            found = [(labels, value) for labels, value in prometheus.values(asked(panel.text)) if value > 0]
            if found and key not in seen:
                seen[key] = found
        if seen.keys() == wanted.keys():
            break

    assert [key for key in wanted if key not in seen] == []
    for key, found in seen.items():
        for labels, value in found:
            assert not math.isnan(value)
            assert wanted[key].shown == labels.keys(), key
    (templating,) = [one for one in dashboard()["templating"]["list"] if one["name"] == "conn_id"]
    assert templating["definition"] == "label_values(airflow_orgauth_api_requests, conn_id)"
    assert prometheus.get("label/conn_id/values", **{"match[]": "airflow_orgauth_api_requests"}) == ["my_api"]

    firing = [one["labels"] for one in prometheus.get("alerts")["alerts"] if one["state"] == "firing"]
    told = {"alertname": "OrgauthCredentialsRefused", "conn_id": REFUSED, "outcome": "invalid_client"}
    assert told | {"severity": "critical"} in firing


def test_times_are_in_seconds(prometheus, go_through_everything):
    """StatsD's are in milliseconds; Prometheus' are not."""
    for name in ("airflow_orgauth_token_request_duration", "airflow_orgauth_api_request_duration"):
        ((_, seconds),) = prometheus.values(f"sum({name}_sum) / sum({name}_count)")
        assert 0 < seconds < 5


def test_each_rule_is_evaluated(prometheus):
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]

    assert {rule["name"] for rule in rules} == {alert.where for alert in alerts()}
    assert [rule for rule in rules if (rule["health"], rule.get("lastError", "")) != ("ok", "")] == []


@pytest.mark.parametrize("what", [("check", "rules", RULES.name), ("test", "rules", RULES_TEST.name)], ids=" ".join)
def test_promtool_finds_no_fault(what):
    done = subprocess.run(["promtool", *what], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout
