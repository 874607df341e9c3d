"""Every cell of the matrix, in the hook and in the operator, over a real socket; and in every cell a secret hunt."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from cell_run import Report, run
from cells import ATTEMPTS, FACES, Cell, cells
from placements import PLACEMENTS

from airflow_provider_orgauth import exceptions as errors

CELLS = [
    (cell, face, mode)
    for cell, face, mode in itertools.product(cells(), FACES, PLACEMENTS)
    if PLACEMENTS[mode].is_tried(cell, face)
]


@pytest.mark.parametrize(
    ("cell", "face", "mode"), CELLS, ids=[f"{cell.name}, {face}, {mode}" for cell, face, mode in CELLS]
)
def test_cell(cell: Cell, face: str, mode: str):
    report = run(cell, face, mode)

    check_answer(cell, face, mode, report)
    check_requests(cell, report)
    check_waits(cell, report)
    assert report.after.error is None
    check_result("list", cell, report.after.result)
    assert not report.strayed
    assert report.misplaced == []
    assert len(set(report.assertions)) == len(report.assertions)  # a server takes each once
    assert report.found == []
    assert report.in_locals == []


def check_answer(cell: Cell, face: str, mode: str, report: Report) -> None:
    expected, error = cell.outcome, report.during.error
    if expected.result == "no text":
        assert type(error) is (errors.ResponseNotTextError if face == "operator" else type(None))
        return
    if expected.error:
        assert type(error) is getattr(errors, expected.error), repr(error)
        assert re.search(said(expected.says, mode), str(error))
    else:
        assert error is None
        check_result(expected.result, cell, report.during.result)


def said(pattern: str, mode: str) -> str:
    """Return the pattern, with the field that names the token endpoint's server where that is another one."""
    if not PLACEMENTS[mode].token_elsewhere:
        return pattern
    return re.sub("set Server address to .*", "Set Token endpoint to where the redirect points", pattern)


def check_result(expected: str, cell: Cell, result: Any) -> None:
    if hasattr(result, "status_code"):  # the hook's answer; the operator's result is what stands in it
        result = {"list": result.json, "text": lambda: result.text, "none": lambda: result.text or None}[expected]()
    if expected == "none":
        assert result is None
    elif expected == "text":
        assert isinstance(result, str)
    elif cell.call == "POST":
        assert result["name"] == "one more"
    else:
        assert len(result["content"]) == 3


def check_requests(cell: Cell, report: Report) -> None:
    expected = cell.outcome
    here, there = report.token_requests, report.api_requests
    if not cell.at_token_endpoint:
        here, there = there, here
    assert len(here) == (expected.requests if cell.fault.reaches else int(not expected.error))
    # Without a token nothing goes to the API; with one that is good, nothing to the token endpoint.
    assert len(there) == (int(not expected.error) if cell.at_token_endpoint else expected.renewals)
    assert report.token_requests.count("refresh_token") == expected.refreshes
    assert report.created <= 1
    # Later, only who got no token asks for one; a refresh that failed for good may be tried before client credentials.
    tokenless = expected.error and (cell.at_token_endpoint or expected.renewals > ATTEMPTS)
    assert len(report.token_requests_after) in ((1, 1 + (cell.call == "refresh")) if tokenless else (0,))


def check_waits(cell: Cell, report: Report) -> None:
    assert len(report.waits) == cell.outcome.waits
    assert report.log.count("trying again in") >= cell.outcome.waits
    assert "connection (1): " in report.log  # urllib3 was heard
    low, high = cell.fault.wait or (0, 1)
    assert all(low <= seconds <= high for seconds in report.waits)
