"""Read for how long, or until when, a server asks to wait: one value of a header, as servers write it.

===============================  =====================================================
``30``, ``7.5``                  seconds, up to a year
``1766000030``                   more than that: the time itself, in seconds since 1970
``1766000030000``                30 times this machine's time and more: in milliseconds
``1m30s``, ``500ms``             a duration, as Go writes it
``2025-12-17T19:33:30Z``         a date by ISO 8601; without a zone it is UTC
``Wed, 17 Dec 2025 19:33:30 GMT``  a date by RFC 9110 section 5.6.7
===============================  =====================================================

No limit is a year long, and no server's clock is decades off: so a number's size tells which of the three it is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from airflow_provider_orgauth.client.http_date import http_date

YEAR_SECONDS = 366 * 86400.0
"""Seconds. A number above is a time, and no wait is longer."""

_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{0,20})?")
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(ns|us|µs|ms|s|m|h|d)")
_DURATION = re.compile(f"(?:{_PART.pattern})+")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def plain_number(text: str) -> float | None:
    """Return a plain number that is not negative, or None."""
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def seconds_until(text: str, *, now: float, in_milliseconds: bool = False) -> float | None:
    """Return the seconds from ``now`` on, negative for what is over; None for what says no time.

    :param now: epoch seconds.
    :param in_milliseconds: the header's name says that its numbers are.
    """
    text = text.strip()
    count = plain_number(text)
    if count is not None:
        return _seconds_of(count / 1000 if in_milliseconds else count, now)
    if _DURATION.fullmatch(text):
        return min(sum(float(count) * _UNIT_SECONDS[unit] for count, unit in _PART.findall(text)), YEAR_SECONDS)
    at = _iso_date(text)
    if at is None:
        at = http_date(text)
    return None if at is None else min(at - now, YEAR_SECONDS)


def _seconds_of(count: float, now: float) -> float | None:
    if count <= YEAR_SECONDS:
        return count
    if count > 30 * now:
        count /= 1000
    return min(count - now, YEAR_SECONDS) if count <= 30 * now else None


def _iso_date(text: str) -> float | None:
    try:
        date = datetime.fromisoformat(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
