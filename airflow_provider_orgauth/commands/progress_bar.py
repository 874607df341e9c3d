"""A bar that shows how far an export is, in a terminal; nothing where the output goes elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self, TextIO

WIDTH = 30
"""Characters of the bar."""

BETWEEN_DRAWINGS_SECONDS = 0.1


class ProgressBar:
    """Drawn anew in one line. A context manager: leaving it ends the line.

    :param out: what it is drawn to, if that is a terminal.
    :param timer: seconds that only ever grow.
    """

    def __init__(self, out: TextIO, timer: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._timer = timer
        self._began = timer()
        self._drawn_at = float("-inf")
        self._is_shown = out.isatty()
        self._records = self._pages = self._records_before = 0
        self._total: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown and self._pages:
            self._draw()
            self._out.write("\n")
            self._out.flush()

    def begin_after(self, *, records: int, pages: int) -> None:
        """Begin after what was there already, which made this one no faster."""
        self._records = self._records_before = records
        self._pages = pages

    def advance(self, *, records: int, total: int | None) -> None:
        """Count a page.

        :param records: in this page.
        :param total: of the list, where the server says it.
        """
        self._pages += 1
        self._records += records
        self._total = total
        if self._is_shown and self._timer() - self._drawn_at >= BETWEEN_DRAWINGS_SECONDS:
            self._draw()

    def _draw(self) -> None:
        self._drawn_at = self._timer()
        # \x1b[K: to the end of the line, of what a longer one has left there.
        self._out.write(f"\r{self.line()}\x1b[K")
        self._out.flush()

    def line(self) -> str:
        """Return the line."""
        rate = (self._records - self._records_before) / max(self._timer() - self._began, 1e-9)
        said = f"{self._records:,} records of {self._pages:,} pages, {rate:,.0f} per second"
        if not self._total:
            return said
        part = min(1.0, self._records / self._total)
        filled = round(WIDTH * part)
        return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {100 * part:3.0f} % {said}"
