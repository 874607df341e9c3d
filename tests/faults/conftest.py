"""Print the table of the matrix when ``FAULT_TABLE`` is set: ``make faults``."""

from __future__ import annotations

import os
import re
from collections import defaultdict


def pytest_terminal_summary(terminalreporter):
    if not os.environ.get("FAULT_TABLE"):
        return
    from table import printed

    came: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            cell = re.search(r"test_cell\[(.+), (hook|operator), (?:header|query)\]", report.nodeid)
            if cell and (report.when == "call" or outcome == "error"):
                came[cell[1]][cell[2]].append(outcome)
    shown = {name: {face: _all(outcomes) for face, outcomes in faces.items()} for name, faces in came.items()}
    terminalreporter.section("Faults, with credentials in the header and in the query")
    terminalreporter.write_line(printed(shown))


def _all(outcomes: list[str]) -> str:
    return "passed" if set(outcomes) == {"passed"} else "FAILED"
