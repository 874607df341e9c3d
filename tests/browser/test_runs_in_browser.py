"""What Airflow shows of a run: a green one, and the log of a task that failed, which says at its end what to do."""

from __future__ import annotations

import os
from typing import Any

import pytest
from chromium import why_no_chromium

if (missing := why_no_chromium()) and not os.environ.get("CI"):  # in CI, the fixtures fail
    pytest.skip(missing, allow_module_level=True)

from harness import AirflowServer
from playwright.sync_api import Locator, Page, expect

from airflow_provider_orgauth.emulator import Emulator, running_emulator

pytestmark = [pytest.mark.browser, pytest.mark.airflow]

CONN_ID = "orgauth_default"
WHAT_HAPPENED = "answered 400 invalid_client"
PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""
ADVICE = "Check Client ID and Client secret in the connection"


@pytest.fixture
def connect(airflow: AirflowServer):
    """Make the connection of the first DAG, with an emulator of its own, and forget it afterwards."""
    with running_emulator() as emulator:

        def put(**other: Any) -> Emulator:
            known = {"host": emulator.url, "login": emulator.client_id, "password": emulator.client_secret}
            airflow.put_connection(
                CONN_ID, **{"conn_type": "orgauth", "extra": '{"cache": "memory"}', **known, **other}
            )
            return emulator

        yield put
        airflow.api("DELETE", f"/connections/{CONN_ID}")


def run_page(page: Page, airflow: AirflowServer, dag_id: str, run_id: str, task_id: str = "") -> None:
    page.goto(f"{airflow.url}/dags/{dag_id}/runs/{run_id}" + (f"/tasks/{task_id}" if task_id else ""))
    expect(page.get_by_test_id("header-card").get_by_test_id("state-badge")).to_be_visible(timeout=PATIENCE)


def lines_below_the_frames(page: Page) -> Locator:
    """Return the log's lines that one sees below what Airflow logs of an exception."""
    return page.get_by_test_id("virtualized-list").locator(
        "xpath=.//*[@data-testid='summary-Post Execute']/ancestor::*[@data-index]/following-sibling::*"
    )


def expect_the_advice_last(page: Page) -> None:
    lines = lines_below_the_frames(page)
    expect(lines).to_have_count(1, timeout=PATIENCE)
    expect(lines).to_contain_text(WHAT_HAPPENED)
    expect(lines).to_contain_text(ADVICE)
    text = lines.locator(".event").first.bounding_box()
    window = page.get_by_test_id("virtual-scroll-container").bounding_box()
    assert text
    assert window
    assert text["x"] + text["width"] <= window["x"] + window["width"]  # nothing is cut off
    assert text["y"] + text["height"] <= window["y"] + window["height"]  # nor scrolled away


def test_a_green_run_of_the_first_dag(page: Page, airflow: AirflowServer, connect, picture) -> None:
    emulator = connect()
    run_id = airflow.trigger("first")
    assert airflow.wait("first", run_id) == "success", airflow.task_states("first", run_id)
    assert emulator.stats()["api_requests_by_status"] == {"200": 4}  # three pages, and a device

    page.set_viewport_size({"width": 1200, "height": 560})
    run_page(page, airflow, "first", run_id)
    for task_id in ("devices", "first_one_online"):
        expect(page.get_by_role("row").filter(has_text=task_id).get_by_text("Success")).to_be_visible(timeout=PATIENCE)
    picture("first-run", page)


def test_the_log_of_a_failed_task_ends_with_what_to_do(page: Page, airflow: AirflowServer, connect, picture) -> None:
    connect(password="n0t-the-secret-of-this-client")
    runs = {dag_id: airflow.trigger(dag_id) for dag_id in ("first", "browser_hook")}
    for dag_id, run_id in runs.items():
        assert airflow.wait(dag_id, run_id) == "failed", airflow.task_states(dag_id, run_id)

    run_page(page, airflow, "browser_hook", runs["browser_hook"], "profile")
    expect_the_advice_last(page)
    run_page(page, airflow, "first", runs["first"], "devices")
    expect_the_advice_last(page)
    # The paths are of no use to others. Not a click, which scrolls sideways.
    page.get_by_test_id("summary-InvalidClientError").dispatch_event("click")
    picture("task-log", page, clip={"x": 320, "y": 61, "width": 880, "height": 460})
