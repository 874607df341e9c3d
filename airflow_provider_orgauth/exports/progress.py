"""Say how far an export is, every few seconds: a line in the log, and a record for who shows it elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

INTERVAL_SECONDS = 5.0
"""Seconds between two lines, and two records."""

Show = Callable[[Mapping[str, Any]], object]
"""Takes a record: its ``state``, and numbers by name."""


class Progress:
    """Writes a line, and shows a record, when it is time for one.

    :param timer: seconds that only ever grow.
    :param records: how many an earlier attempt had already.
    :param show: takes the record. It raises nothing.
    """

    def __init__(
        self,
        log: logging.Logger,
        *,
        timer: Callable[[], float] = time.monotonic,
        records: int = 0,
        show: Show | None = None,
    ) -> None:
        self._log = log
        self._timer = timer
        self._began = self._said = timer()
        self._records_before = records
        self._show = show

    def observe(self, *, pages: int, records: int, total: int | None, read: int) -> bool:
        """Say where the export is, if it is time to; return whether it was.

        :param total: the records that the server says there are.
        :param read: bytes of the answers so far. What is written waits in an encoding, and says little.
        """
        now = self._timer()
        if now - self._said < INTERVAL_SECONDS:
            return False
        self._said = now
        rate = (records - self._records_before) / (now - self._began)
        of_total = left = ""
        shown = standing("running", pages=pages, records=records, total=total, read=read)
        shown["records_per_second"] = round(rate)
        if total is not None and total >= records > 0 and rate > 0:
            seconds_left = (total - records) / rate
            of_total = f" of {total:,} ({100 * records / total:.0f} %)"
            left = f", about {duration(seconds_left)} left"
            shown["seconds_left"] = round(seconds_left)
        self._log.info(
            "Page %s: %s%s records, %s per second, %s read%s.",
            f"{pages:,}",
            f"{records:,}",
            of_total,
            f"{rate:,.0f}",
            bytes_said(read),
            left,
        )
        if self._show is not None:
            self._show(shown)
        return True


def standing(state: str, *, pages: int, records: int, total: int | None, read: int) -> dict[str, Any]:
    """Return a record of where an export is; its parameters are those of :meth:`Progress.observe`."""
    shown: dict[str, Any] = {"state": state, "records": records, "total": total}
    if total is not None and total >= records > 0:
        shown["percent"] = round(100 * records / total)
    return {**shown, "pages": pages, "bytes_read": read}


def duration(seconds: float) -> str:
    """Return seconds as text: ``42 s``, ``7 min``, ``2 h 05 min``."""
    if seconds < 100:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"


def bytes_said(size: int) -> str:
    """Return a number of bytes as text: ``1.5 MB``."""
    number, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            break
        number /= 1000
    return f"{number:.0f} B" if unit == "B" else f"{number:.1f} {unit}"
