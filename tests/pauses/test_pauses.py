"""A host that pauses at any step of a renewal harms nobody: no failed call, no spent refresh token, no old token."""

from __future__ import annotations

import pytest
from pause_cells import Cell, Scale, run_cells
from pauses_scale import AT_ONCE, WHOLE
from stop_points import POINTS

QUICK = [
    Cell("after the first look", 3, True),
    Cell("after the claim", 3, True),
    Cell("after the confirmation", 3, True),
    Cell("request under way", 3, True),
    Cell("request under way", 3, False),
    Cell("answer in hand", 3, True),
    Cell("answer in hand", 3, False),
    Cell("saved", 3, True),
]
"""With a lease that is held for a second, and tokens for three."""

MATRIX = [Cell(point, pause, warm) for warm in (False, True) for pause in (1, 8, 25) for point in POINTS]
MATRIX += [Cell(point, 8, warm, frozen=True) for warm in (False, True) for point in POINTS]
MATRIX += [
    Cell(point, pause, True, whole_host=True) for pause in (8, 25) for point in ("request under way", "answer in hand")
]

CELLS = MATRIX if WHOLE else QUICK


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """Return what came of each cell that was chosen."""
    cells = [item.callspec.params["cell"] for item in request.session.items if item.path == request.path]
    root = tmp_path_factory.mktemp("pauses")
    scale = Scale(12, margin=2, each=2, rhythm=(0.3, 1.0)) if WHOLE else Scale(3, margin=0.5, each=1, rhythm=(0.1, 0.4))
    return run_cells(cells, scale, root, at_once=AT_ONCE or len(cells))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_pause_costs_a_wait_at_most(outcomes, cell):
    outcome = outcomes[cell]
    found = outcome.findings

    assert outcome.stopped
    assert found.failed == [], str(found)
    assert found.spent == 0, str(found)
    assert found.dead == 0, str(found)
    if cell.point != "in the save, before the write":  # where nothing can be excluded without a compare-and-swap
        assert found.older_over_newer == 0, str(found)
