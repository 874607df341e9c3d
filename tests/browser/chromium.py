"""Debian's Chromium, driven by playwright; and why there is none."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# As root, in a container without a GPU, and without asking anyone on the internet for anything.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-proxy-server",
)


def why_no_chromium() -> str | None:
    """Return why a browser test cannot run, or None if it can."""
    if importlib.util.find_spec("playwright") is None:
        return "no playwright: `make setup` installs it"
    if shutil.which("chromium") is None:
        return "no chromium: apt-get install chromium"
    return None


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run a browser without a window while the context lasts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
