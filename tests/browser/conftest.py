"""A browser in front of an Airflow of its own, and pictures of what it shows for those who ask for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chromium import running_chromium, why_no_chromium

from airflow_provider_orgauth.emulator import Emulator, running_emulator

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "airflow"))

from harness import PROJECT, AirflowServer  # noqa: E402  it is on the path only now

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Picture = Callable[[str, "Locator | Page"], None]


# Of the module, not of the session: playwright's event loop would be in the way of other tests' asyncio.run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    if reason := why_no_chromium():
        # A green CI that skipped these would say that the form works, and nobody looked at it.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    """A running Airflow 3.3 with the DAGs of ``dags/``, the first DAG of the docs, and no connection at all."""
    root = tmp_path_factory.mktemp("airflow-browser")
    dags = [*(HERE / "dags").glob("*.py"), PROJECT / "docs" / "examples" / "first_dag.py"]
    with AirflowServer(root, python=Path(sys.executable), dags=dags, log_level="INFO") as server:
        server.migrate()
        yield server.start(triggerer=False)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An Organization API that also takes form bodies, and wants a scope."""
    with running_emulator(grants_in="both", required_scope="devices:read") as running:
        yield running


@pytest.fixture
def page(browser: Browser, airflow: AirflowServer) -> Iterator[Page]:
    """An empty tab."""
    with browser.new_context(
        viewport={"width": 1200, "height": 900},
        color_scheme="light",
        locale="en-US",
        permissions=["clipboard-read", "clipboard-write"],
    ) as context:
        tab = context.new_page()
        tab.set_default_timeout(30_000)
        yield tab


@pytest.fixture
def picture() -> Picture:
    """Take ``docs/images/<name>.png`` where ``ORGAUTH_SCREENSHOTS`` names that folder, else nothing.

    So a test run changes no file, and whoever changes the form takes new pictures with ``make screenshots``.
    """
    folder = os.environ.get("ORGAUTH_SCREENSHOTS")

    def take(name: str, what: Locator | Page, **options: Any) -> None:
        if folder:
            what.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", **options)

    return take
