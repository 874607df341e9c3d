"""Every cell of the matrix, in the hook and in the operator, over a real socket; and in every cell a secret hunt."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from airflow_provider_orgauth import exceptions as errors

sys.path.insert(0, str(Path(__file__).parent))
from cells import FACES, Cell, Outcome, cells
from hunt import Hunt
from rig import MODES, Rig, Waits

CELLS = [(cell, face, mode) for cell in cells() for face in FACES for mode in MODES]


@pytest.fixture
def hunt():
    with Hunt() as hunt:
        yield hunt


@pytest.mark.parametrize(
    ("cell", "face", "mode"), CELLS, ids=[f"{cell.name}, {face}, {mode}" for cell, face, mode in CELLS]
)
def test_cell(cell: Cell, face: str, mode: str, hunt: Hunt, clockwork, monkeypatch):
    expected = cell.outcome
    waits = Waits(clockwork)
    rig = Rig(cell, mode, waits, monkeypatch)
    try:
        rig.prepare()
        rig.hit()
        result, error = call(rig, face, hunt)
        check_outcome(expected, cell, result, error)
        check_requests(expected, rig)
        check_waits(expected, rig)

        rig.lift()
        result, error = call(rig, face, hunt)
        assert error is None
        check_result("list", cell, result)
        hunt.hook(rig)
    finally:
        rig.server.stop()
    assert hunt.found(rig) == []


def call(rig: Rig, face: str, hunt: Hunt):
    """Let a face make the call; return its result and its error, of which one is None."""
    if face == "hook":
        return attempt(lambda: rig.hook.run(**rig.call), hunt)
    operator = rig.operator()
    operator.render_template_fields({})
    hunt.operator(operator)
    result, error = attempt(lambda: operator.execute({}), hunt)
    hunt.operator(operator)
    hunt.result(result)
    return result, error


def attempt(action, hunt: Hunt):
    try:
        return action(), None
    except Exception as error:
        hunt.error(error)
        return None, error


def check_outcome(expected: Outcome, cell: Cell, result, error) -> None:
    if not expected.error:
        assert error is None
        check_result(expected.result, cell, result)
        return
    assert type(error) is getattr(errors, expected.error)
    assert re.search(expected.says, str(error))


def check_result(expected: str, cell: Cell, result) -> None:
    if hasattr(result, "status_code"):  # the hook's answer; the operator's result is the JSON
        result = {"list": result.json, "text": lambda: result.text, "none": lambda: result.text or None}[expected]()
    if expected == "none":
        assert result is None
    elif expected == "text":
        assert isinstance(result, str)
    elif cell.call == "POST":
        assert result["name"] == "one more"
    else:
        assert len(result["content"]) == 3


def check_requests(expected: Outcome, rig: Rig) -> None:
    at_token_endpoint = rig.cell.at_token_endpoint
    seen = rig.requests(to_token_endpoint=at_token_endpoint)
    assert len(seen) == (expected.requests if rig.cell.fault.reaches else len(seen[:1]) * (not expected.error)), seen
    there = len(rig.requests(to_token_endpoint=not at_token_endpoint))
    # Without a token nothing goes to the API; with one that is good, nothing to the token endpoint.
    assert there == ((not expected.error) if at_token_endpoint else expected.renewals)
    assert rig.created() <= 1
    if at_token_endpoint:
        assert seen.count("refresh_token") <= (rig.cell.call == "refresh") * expected.requests


def check_waits(expected: Outcome, rig: Rig) -> None:
    assert len(rig.waits.taken) == expected.waits
    low, high = rig.cell.fault.wait or (0, 2.0)
    assert all(low <= seconds <= high for seconds in rig.waits.taken)
