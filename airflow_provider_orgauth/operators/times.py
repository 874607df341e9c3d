"""How times are written in a query, and the plain UTC in which they are kept."""

from __future__ import annotations

from datetime import UTC, datetime

FORMATS = ("epoch_ms", "epoch_s", "iso8601")
"""How times are written: the Organization API's are epoch milliseconds."""


def written(time: datetime, time_format: str) -> int | str:
    """Write a time as one of ``FORMATS``; fractions of the unit are cut off."""
    match time_format:
        case "epoch_ms":
            return (time - _EPOCH) // _MILLISECOND
        case "epoch_s":
            return (time - _EPOCH) // _SECOND
    return time.isoformat()


def utc(time: datetime) -> datetime:
    """Return the same moment in UTC; a time without a zone is UTC."""
    # As a plain datetime: Airflow's own are pendulum's, whose texts and arithmetic differ.
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return datetime.fromisoformat(aware.astimezone(UTC).isoformat())


_EPOCH = datetime.fromtimestamp(0, UTC)
_SECOND = datetime.fromtimestamp(1, UTC) - _EPOCH
_MILLISECOND = _SECOND / 1000
