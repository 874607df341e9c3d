"""Log how far an export is, a line every few seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

LOG_INTERVAL_SECONDS = 5.0
"""Seconds between two lines."""


class Progress:
    """Writes a line when it is time for one.

    :param timer: seconds that only ever grow.
    :param records: how many an earlier attempt had already.
    """

    def __init__(self, log: logging.Logger, *, timer: Callable[[], float] = time.monotonic, records: int = 0) -> None:
        self._log = log
        self._timer = timer
        self._began = self._said = timer()
        self._records_before = records

    def observe(self, *, pages: int, records: int, total: int | None, read: int) -> None:
        """Log where the export is, if it is time for a line.

        :param total: the records that the server says there are.
        :param read: bytes of the answers so far. What is written waits in an encoding, and says little.
        """
        now = self._timer()
        if now - self._said < LOG_INTERVAL_SECONDS:
            return
        self._said = now
        rate = (records - self._records_before) / (now - self._began)
        of_total = left = ""
        if total is not None and total >= records > 0 and rate > 0:
            of_total = f" of {total:,} ({100 * records / total:.0f} %)"
            left = f", about {duration((total - records) / rate)} left"
        self._log.info(
            "Page %s: %s%s records, %s per second, %s read%s.",
            f"{pages:,}",
            f"{records:,}",
            of_total,
            f"{rate:,.0f}",
            bytes_said(read),
            left,
        )


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
