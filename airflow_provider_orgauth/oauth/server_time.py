"""What an answer's ``Date`` (RFC 9110 section 6.6.1) says about this machine's clock, by interval arithmetic.

A date has whole seconds, so the server wrote it in ``[date, date + 1)`` of its own time. This machine read that moment
somewhere between sending and receiving. So what has to be added to this machine's clock to have the server's time is
between ``date - received_at`` and ``date + 1 - sent_at``.
"""

from __future__ import annotations

RESOLUTION_SECONDS = 1.0
"""Seconds: a date says no more (RFC 9110 section 5.6.7)."""

MAX_CORRECTION_SECONDS = 86400.0
"""Seconds. A local time that is sent as UTC is 14 hours off at most. A date that is more than a day off was not read
from a clock: it is a constant, in a stub or in a gateway's rules."""


def correction(date: float, *, sent_at: float, received_at: float) -> float:
    """Return the least that has to be added to this machine's clock for ``date`` to be right: 0 where it may be.

    :param date: epoch seconds of the answer's ``Date``.
    :param sent_at: epoch seconds by this machine's clock, before the request was sent.
    :param received_at: epoch seconds by the same clock, not before ``sent_at``.
    """
    least, most = date - received_at, date + RESOLUTION_SECONDS - sent_at
    return min(max(0.0, least), most)
