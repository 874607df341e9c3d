"""The matrix as tables. ``docs/conf.py`` shows them without running a test; ``make faults`` adds what came of each."""

from __future__ import annotations

from collections.abc import Mapping

from cells import API, FAULTS, SPANS, TOKEN_ENDPOINT, Call, Cell, cells
from placements import PLACEMENTS


def faults_table() -> str:
    """Return what each fault does, in Markdown."""
    return _markdown(("fault", "the server …"), [(fault.name, fault.what) for fault in FAULTS])


def place_table(calls: tuple[Call, ...]) -> str:
    """Return the outcomes at the token endpoint or at the API, in Markdown: a fault a row."""
    outcomes = {(cell.fault.name, cell.call, cell.span): outcome(cell) for cell in cells()}
    columns = [(call, span) for call in calls for span in SPANS]
    rows = []
    for fault in FAULTS:
        row = [outcomes.get((fault.name, *column), "") for column in columns]
        if any(row):
            rows.append((fault.name, *row))
    return _markdown(("fault", *(f"{call}, {span}" for call, span in columns)), rows)


def token_endpoint_table() -> str:
    """Return the outcomes at the token endpoint."""
    return place_table(TOKEN_ENDPOINT)


def api_table() -> str:
    """Return the outcomes at the API."""
    return place_table(API)


def placements_table() -> str:
    """Return the placements that are tried with some of the faults, and why with these."""
    rows = [
        (one.what, one.why, ", ".join(fault.name for fault in FAULTS if fault.name in one.faults))
        for one in PLACEMENTS.values()
        if one.faults is not None
    ]
    return _markdown(("placement", "what may differ", "so these faults"), rows)


def outcome(cell: Cell) -> str:
    """Return what comes of a cell: success or the error, and how many requests it takes."""
    expected = cell.outcome
    result = {
        "list": "",
        "text": ": the text",
        "none": ": None",
        "no text": "; the operator: `ResponseNotTextError`",
    }[expected.result]
    what = f"`{expected.error}`" if expected.error else f"succeeds{result}"
    renewals = f" + {expected.renewals} for a token" if expected.renewals else ""
    return f"{what} ({expected.requests}{renewals})"


def printed(passed: Mapping[str, Mapping[str, str]]) -> str:
    """Return a line per cell, for a terminal.

    :param passed: by cell and face, what came of its tests.
    """
    rows = [("fault", "place", "request", "hits", "outcome (requests)", "hook", "operator")]
    for cell in cells():
        place = "token endpoint" if cell.at_token_endpoint else "API"
        came = passed.get(cell.name, {})
        row = (cell.fault.name, place, cell.call, cell.span, outcome(cell).replace("`", ""))
        rows.append((*row, came.get("hook", "not run"), came.get("operator", "not run")))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _markdown(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
