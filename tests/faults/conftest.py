"""Time, names and logs in the hands of the cells; and the table of the matrix, when ``make faults`` wants it."""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
from collections import defaultdict
from pathlib import Path

import pytest

for folder in ("hooks", "secrets"):  # the certificate authority, and the search
    sys.path.append(str(Path(__file__).parents[1] / folder))


@pytest.fixture(scope="module", autouse=True)
def _grip():
    """Take hold of time and names, and make memory small; let all be logged."""
    import cell_time
    import hunt

    from airflow_provider_orgauth.client import response_body
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    with pytest.MonkeyPatch.context() as patch:
        # The operator makes its hook itself: only its time is ours.
        patch.setitem(OrgAuthHook.__init__.__kwdefaults__, "clock", cell_time.clock)
        patch.setitem(OrgAuthHook.__init__.__kwdefaults__, "sleep", cell_time.sleep)
        patch.setattr(socket, "getaddrinfo", cell_time.resolver.getaddrinfo)
        patch.setattr(response_body, "MAX_BODY_BYTES", 1_000_000)
        level = logging.root.level
        logging.root.setLevel(logging.DEBUG)
        with hunt.structured_logs():
            yield
        logging.root.setLevel(level)


def pytest_terminal_summary(terminalreporter):
    if not os.environ.get("FAULT_TABLE"):
        return
    from table import printed

    came: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            cell = re.search(r"test_cell\[(.+), (hook|operator), \w+\]", report.nodeid)
            if cell and (report.when == "call" or outcome == "error"):
                came[cell[1]][cell[2]].append(outcome)
    shown = {name: {face: _all(outcomes) for face, outcomes in faces.items()} for name, faces in came.items()}
    terminalreporter.section("Faults, in all placements that each is tried in")
    terminalreporter.write_line(printed(shown))


def _all(outcomes: list[str]) -> str:
    return "passed" if set(outcomes) == {"passed"} else "FAILED"
