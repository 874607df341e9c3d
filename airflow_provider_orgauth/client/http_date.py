"""Read a date in a header (RFC 9110 section 5.6.7)."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime


def http_date(text: str) -> float | None:
    """Return epoch seconds, or None for what is no date."""
    try:
        date = parsedate_to_datetime(text)
        # A date without a zone is GMT by RFC 9110, whatever the zone of this machine.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
