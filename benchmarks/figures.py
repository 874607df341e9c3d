"""What a benchmark returns, and how people and machines read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Spread:
    """Repeated measurements of one thing, all in the same unit."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Keep measurements in the order in which they were made."""
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """The middle one: a noisy machine spoils the mean."""
        return median(self.values)

    def __str__(self) -> str:
        """`median (lowest to highest)`."""
        return f"{_short(self.median)} ({_short(min(self.values))} to {_short(max(self.values))})"

    def as_json(self) -> dict[str, Any]:
        """Return the median and every single value."""
        return {"median": self.median, "values": list(self.values)}


@dataclass(frozen=True)
class Figures:
    """One benchmark's table.

    Args:
        title: what was measured, with units.
        header: the columns' names; the first is the row's.
        rows: cells; a Spread shows its median, lowest and highest.
        notes: sentences below the table: how it was measured, what to compare.
        ratios: name to the quotient of two medians of this run.
    """

    title: str
    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    notes: list[str] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        """The table in plain text."""
        cells = [self.header, *(tuple(_cell(cell) for cell in row) for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.header))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        ratios = [f"{name}: {_short(value)}" for name, value in self.ratios.items()]
        return "\n".join([self.title, "", *lines, *ratios, *self.notes])

    def as_json(self) -> dict[str, Any]:
        """Return everything: rows as objects whose keys are the header."""
        rows = [{name: _plain(cell) for name, cell in zip(self.header, row, strict=True)} for row in self.rows]
        return {"title": self.title, "rows": rows, "ratios": self.ratios, "notes": self.notes}


def _plain(cell: Any) -> Any:
    return cell.as_json() if isinstance(cell, Spread) else cell


def _cell(cell: Any) -> str:
    if isinstance(cell, list):
        return " ".join(map(str, cell))
    return _short(cell) if isinstance(cell, float) else str(cell)


def _short(value: float) -> str:
    """Three significant digits, and no exponent."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
