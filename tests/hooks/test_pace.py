"""How fast the pages of a list are asked for: on the emulator, whose time passes with the hook's."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client.shared_backoff import RATE_LIMIT_PATIENCE_SECONDS
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICES = "/api/v1/organization/devices"
PROFILE = "/api/v1/organization/profile"
ONE_BY_ONE_OR_TOGETHER = pytest.mark.parametrize("max_concurrency", [1, 8])


@pytest.fixture
def hook(orgauth_emulator, monkeypatch, clockwork):
    """A hook whose waits move the emulator's clock, too."""

    def sleep(seconds):
        clockwork.sleep(seconds)
        orgauth_emulator.advance(seconds)

    conn_id = orgauth_emulator.set_connection(monkeypatch, cache="memory")
    return OrgAuthHook(conn_id, clock=clockwork.clock, sleep=sleep)


def walk(hook, max_concurrency, size=50):
    return hook.paginate(DEVICES, pagination=PageNumberPagination(size=size), max_concurrency=max_concurrency)


def statuses(emulator):
    return emulator.stats()["api_requests_by_status"]


def pages_still_fetched():
    """Return the names of a walk's threads that do not end within half the time of a pause."""
    fetching = [thread for thread in threading.enumerate() if thread.name.startswith("orgauth-page")]
    for thread in fetching:
        thread.join(30)
    return [thread.name for thread in fetching if thread.is_alive()]


def pauses(caplog):
    return [record.getMessage() for record in caplog.records if " pause " in record.getMessage()]


@ONE_BY_ONE_OR_TOGETHER
@pytest.mark.parametrize("form", ["seconds", "none"])
def test_a_limit_per_minute_makes_a_walk_take_longer_and_fail_never(
    hook, orgauth_emulator, clockwork, caplog, max_concurrency, form
):
    """50 pages at 12 a minute: four minutes in which most answers are 429."""
    orgauth_emulator.settings(rate_limit=12, rate_window=60, retry_after=form)

    assert [device["id"] for device in walk(hook, max_concurrency)] == list(range(1, 2501))
    assert 180 <= clockwork.ahead < 1200
    assert statuses(orgauth_emulator)["200"] == 50
    # One log line and one wait per pause, however many were refused; an answer that comes late may prolong a pause, and
    # on a busy machine a short one is over before anybody waits for it.
    assert max(len(pauses(caplog)), len(clockwork.slept)) <= statuses(orgauth_emulator)["429"]
    assert ("asks for a pause" in caplog.text) == (form == "seconds")
    assert ("at once from now on" in caplog.text) == (max_concurrency > 1)
    assert "trying again" not in caplog.text
    if form == "seconds":
        assert len(pauses(caplog)) <= 5


@ONE_BY_ONE_OR_TOGETHER
def test_where_no_page_comes_any_more_the_limit_is_the_error(hook, orgauth_emulator, clockwork, max_concurrency):
    pages = walk(hook, max_concurrency).pages()
    next(pages)
    before = clockwork.ahead
    orgauth_emulator.fault("status", DEVICES, status=429, headers={"Retry-After": "30"}, times=10_000)

    with pytest.raises(errors.ApiRateLimitedError, match="answered 429"):
        list(pages)
    assert RATE_LIMIT_PATIENCE_SECONDS <= clockwork.ahead - before <= RATE_LIMIT_PATIENCE_SECONDS + 130


@ONE_BY_ONE_OR_TOGETHER
def test_a_server_that_is_down_is_asked_as_often_as_the_connection_says(
    hook, orgauth_emulator, clockwork, caplog, max_concurrency
):
    pages = walk(hook, max_concurrency).pages()
    next(pages)
    hook.get_access_token()
    orgauth_emulator.fault("status", DEVICES, status=503, times=10_000)

    with pytest.raises(errors.ApiServerError, match="answered 503"):
        list(pages)
    assert clockwork.slept[0] <= 0.5
    assert len(pauses(caplog)) >= max(4, len(clockwork.slept))
    assert "trying again" not in caplog.text


@ONE_BY_ONE_OR_TOGETHER
def test_a_server_that_stands_still_ends_a_walk_after_the_attempts_of_one_request(
    make_hook, orgauth_emulator, clockwork, max_concurrency
):
    """Not after those of each page that is fetched ahead, one after the other."""
    hook = make_hook(timeout=0.3, max_attempts=3)
    pages = walk(hook, max_concurrency).pages()
    next(pages)
    orgauth_emulator.fault("slow", DEVICES, delay=3, times=10_000)

    with pytest.raises(errors.ApiConnectionError, match=r"no answer within 0\.3 s"):
        list(pages)
    assert orgauth_emulator.stats()["api_requests"] <= 1 + 4 * max_concurrency + 16
    assert len(clockwork.slept) <= 4


@pytest.mark.parametrize("kind", ["reset", "reset_after", "truncate"])
def test_a_cut_connection_is_one_requests_own_trouble(hook, orgauth_emulator, clockwork, caplog, kind):
    pages = walk(hook, 8).pages()
    first = next(pages)
    orgauth_emulator.fault(kind, DEVICES)

    assert sum(map(len, pages), len(first)) == 2500
    assert len(clockwork.slept) <= 1
    assert pauses(caplog) == []


@ONE_BY_ONE_OR_TOGETHER
def test_the_end_of_a_walk_ends_its_waits(orgauth_emulator, monkeypatch, caplog, max_concurrency):
    """Nobody waits out a pause for pages that nobody reads."""
    caplog.set_level(logging.WARNING)
    hook = OrgAuthHook(orgauth_emulator.set_connection(monkeypatch, cache="memory"))
    pages = walk(hook, max_concurrency).pages()
    next(pages)
    orgauth_emulator.fault("status", DEVICES, status=429, headers={"Retry-After": "60"}, times=10_000)
    with ThreadPoolExecutor(1) as threads:
        taking = threads.submit(list, pages)
        while not pauses(caplog):
            wait([taking], 0.01)
        assert not taking.done()
        hook.cancel()
        with pytest.raises(errors.TaskStoppedError, match="not sent again after status 429"):
            taking.result(30)

    assert pages_still_fetched() == []


def test_whoever_stops_early_leaves_nobody_waiting(orgauth_emulator, monkeypatch, caplog):
    caplog.set_level(logging.WARNING)
    hook = OrgAuthHook(orgauth_emulator.set_connection(monkeypatch, cache="memory"))
    orgauth_emulator.settings(rate_limit=5)
    pages = walk(hook, 8).pages()
    next(pages)
    end = time.monotonic() + 30
    while not pauses(caplog):
        assert time.monotonic() < end
        time.sleep(0.01)
    pages.close()

    assert pages_still_fetched() == []
    orgauth_emulator.settings(rate_limit=0)
    assert hook.run(PROFILE).status_code == 200


def test_walks_of_one_hook_share_connections_and_what_the_user_set_and_not_their_pace(
    hook, orgauth_emulator, clockwork
):
    hook.get_conn().headers["X-Team"] = "data"
    orgauth_emulator.fault("status", DEVICES, status=429, headers={"Retry-After": "30"})
    list(walk(hook, 1, size=1000))
    list(walk(hook, 4, size=1000))
    hook.run(PROFILE)

    assert len(clockwork.slept) == 1
    assert orgauth_emulator.stats()["connections"] <= 4
    assert all("x-team" in request["headers"] for request in orgauth_emulator.requests() if request["path"] == DEVICES)
