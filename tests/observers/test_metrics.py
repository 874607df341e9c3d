"""Metrics of real requests, as a StatsD server gets them."""

from __future__ import annotations

import asyncio
import socket

import pytest
from statsd_server import begin_stats

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

PROFILE = "/api/v1/organization/profile"
DEVICES = "/api/v1/organization/devices"


def called(hook, way, endpoint=PROFILE):
    """Send a request, in a thread or on an event loop."""
    if way == "thread":
        return hook.run(endpoint)

    async def call():
        try:
            return await hook.run_async(endpoint)
        finally:
            await hook.aclose()

    return asyncio.run(call())


BOTH_WAYS = pytest.mark.parametrize("way", ["thread", "loop"])


@BOTH_WAYS
def test_a_call_counts_and_times_its_token_request_and_itself(make_hook, statsd, way):
    called(make_hook(), way)

    assert statsd.counts() == {
        "orgauth.token_requests.orgauth_default.client_credentials.granted": 1,
        "orgauth.cache_lookups.orgauth_default.miss": 1,
        "orgauth.api_requests.orgauth_default.2xx": 1,
    }
    (token_ms,) = statsd.timings("orgauth.token_request.duration.orgauth_default.client_credentials.granted")
    (api_ms,) = statsd.timings("orgauth.api_request.duration.orgauth_default.2xx")
    assert 0 < token_ms < 60_000
    assert 0 < api_ms < 60_000


@BOTH_WAYS
def test_a_retry_says_why_and_how_long_it_waited(make_hook, orgauth_emulator, statsd, clockwork, way):
    orgauth_emulator.fault("status", PROFILE, status=503)
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": "7"})

    called(make_hook(), way)

    counts = statsd.counts()
    assert counts["orgauth.retries.orgauth_default.api.5xx"] == 2
    assert counts["orgauth.api_requests.orgauth_default.5xx"] == 2
    (backoff,) = statsd.timings("orgauth.wait.duration.orgauth_default.backoff")
    (asked,) = statsd.timings("orgauth.wait.duration.orgauth_default.retry_after")
    assert [backoff / 1000, asked / 1000] == pytest.approx(clockwork.slept, abs=0.001)
    assert 7000 <= asked <= 8000


@BOTH_WAYS
def test_no_answer_is_counted_as_such(make_hook, orgauth_emulator, statsd, way):
    orgauth_emulator.fault("reset", PROFILE)

    called(make_hook(), way)

    counts = statsd.counts()
    assert counts["orgauth.api_requests.orgauth_default.none"] == 1
    assert counts["orgauth.api_requests.orgauth_default.2xx"] == 1
    assert counts["orgauth.retries.orgauth_default.api.none"] == 1


@BOTH_WAYS
def test_a_401_is_a_replay_with_another_grant(make_hook, orgauth_emulator, statsd, way):
    hook = make_hook()
    hook.run(PROFILE)
    orgauth_emulator.revoke()

    called(hook, way)

    counts = statsd.counts()
    assert counts["orgauth.replays_401.orgauth_default"] == 1
    assert counts["orgauth.api_requests.orgauth_default.4xx"] == 1
    assert counts["orgauth.token_requests.orgauth_default.refresh_token.granted"] == 1


def test_a_refused_client_is_counted_with_the_reason(make_hook, orgauth_emulator, statsd):
    hook = make_hook()
    orgauth_emulator.settings(client_secret="another-one")

    with pytest.raises(errors.TokenError):
        hook.run(PROFILE)

    assert statsd.counts()["orgauth.token_requests.orgauth_default.client_credentials.invalid_client"] == 1


def test_a_token_endpoint_that_resets_is_retried_and_counted(make_hook, orgauth_emulator, statsd):
    orgauth_emulator.fault("reset", "/oauth2/token")

    make_hook().run(PROFILE)

    counts = statsd.counts()
    assert counts["orgauth.token_requests.orgauth_default.client_credentials.lost"] == 1
    assert counts["orgauth.retries.orgauth_default.token.none"] == 1


def test_a_replay_in_a_session_of_ones_own_is_counted(make_hook, orgauth_emulator, statsd):
    import requests

    hook = make_hook()
    hook.get_access_token()
    orgauth_emulator.revoke()

    assert requests.get(hook.url(PROFILE), auth=hook.auth, timeout=30).ok
    assert statsd.counts()["orgauth.replays_401.orgauth_default"] == 1


def test_the_pages_of_a_list_wait_together(make_hook, orgauth_emulator, statsd, clockwork):
    def sleep(seconds):
        clockwork.sleep(seconds)
        orgauth_emulator.advance(seconds)

    orgauth_emulator.settings(rate_limit=12, rate_window=60, retry_after="seconds")
    hook = make_hook(sleep=sleep)

    records = list(hook.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=4))

    assert len(records) == 2500
    waits = statsd.timings("orgauth.wait.duration.orgauth_default.throttle")
    assert waits
    assert max(waits) > 1000


@BOTH_WAYS
def test_a_rate_limit_of_the_connection_makes_waits(make_hook, statsd, way):
    hook = make_hook(rate_limit=6)
    for _ in range(3):
        called(hook, way)

    waits = statsd.timings("orgauth.wait.duration.orgauth_default.rate_limit")
    assert waits
    assert 0 < max(waits) <= 20_000


def test_tags_go_beside_the_name_where_the_server_takes_them(make_hook, statsd, monkeypatch):
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED", "True")
    begin_stats()

    make_hook().run(PROFILE)

    (line,) = [line for line in statsd.lines() if line.name == "orgauth.token_requests"]
    assert line.tags == (("conn_id", "orgauth_default"), ("grant", "client_credentials"), ("outcome", "granted"))


def test_no_metric_is_sent_where_metrics_are_off(make_hook, statsd, monkeypatch):
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "False")
    hook = make_hook()

    hook.run(PROFILE)

    assert hook.observer is None
    assert statsd.lines() == []


def test_a_metrics_client_that_raises_fails_no_call_and_is_told_of_once(make_hook, statsd, monkeypatch, caplog):
    hook = make_hook()

    class Broken:
        """What a wrong ``statsd_custom_client_path`` may give."""

        def __getattr__(self, name):
            def broken(*_, **__):
                raise RuntimeError(f"{name} is broken")

            return broken

    from airflow_provider_orgauth.compat import Stats

    if not hasattr(Stats, "initialize"):
        pytest.skip("this Airflow's Stats takes no client of a test")
    Stats.initialize(factory=Broken, export_legacy_names=False)

    assert hook.run(PROFILE).ok
    assert hook.run(PROFILE).ok

    told = [record.getMessage() for record in caplog.records if "incomplete" in record.getMessage()]
    assert told == ["Metrics are incomplete: RuntimeError. Requests go on."]


def test_a_server_that_cannot_be_reached_fails_no_call(make_hook, statsd, monkeypatch):
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_HOST", "no-such-host.invalid")
    begin_stats()

    assert make_hook().run(PROFILE).ok


def test_a_configuration_that_cannot_be_read_fails_no_call(make_hook, monkeypatch):
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "perhaps")

    assert make_hook().run(PROFILE).ok


def test_waits_in_the_triggerer_are_gauged(statsd):
    from airflow_provider_orgauth.triggers.waits_gauge import TELL_AFTER_SECONDS, TELL_AGAIN_AFTER_SECONDS, WaitsGauge
    from tests import virtual_loop

    async def waits():
        gauge = WaitsGauge("orgauth_default", asyncio.get_running_loop())
        for number in range(1, 1001):
            gauge.changed(number)
        await asyncio.sleep(TELL_AFTER_SECONDS + TELL_AGAIN_AFTER_SECONDS + 1)
        gauge.changed(0)
        await asyncio.sleep(60)

    virtual_loop.run(waits())

    gauges = [line for line in statsd.lines() if line.kind == "g"]
    host = socket.gethostname().replace(".", "_")
    assert [line.value for line in gauges] == [1000, 1000, 0]
    assert {line.name for line in gauges} == {f"orgauth.triggerer.waits.orgauth_default.{host}"}


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_an_export_counts_what_came_and_its_file(make_hook, statsd, tmp_path, suffix):
    make_hook()
    path = tmp_path / f"devices.{suffix}"
    manifest = OrgApiOperator(
        task_id="t", endpoint=DEVICES, pagination=PageNumberPagination(), output_path=str(path)
    ).execute({})

    counts = {name: number for name, number in statsd.counts().items() if ".export." in name}
    assert counts == {
        "orgauth.export.files.orgauth_default": 1,
        "orgauth.export.records.orgauth_default": manifest["records"],
        "orgauth.export.pages.orgauth_default": manifest["pages"],
        "orgauth.export.bytes.orgauth_default": path.stat().st_size,
    }


def test_a_download_counts_its_file(make_hook, statsd, tmp_path):
    manifest = make_hook().download(PROFILE, tmp_path / "profile.json")

    counts = {name: number for name, number in statsd.counts().items() if ".export." in name}
    assert counts == {
        "orgauth.export.files.orgauth_default": 1,
        "orgauth.export.bytes.orgauth_default": manifest["bytes"],
    }
