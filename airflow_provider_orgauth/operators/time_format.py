"""How times are written in a query, and the plain UTC in which they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

_UNITS = {
    "epoch_ms": timedelta(milliseconds=1),
    "epoch_s": timedelta(seconds=1),
    "iso8601": timedelta(microseconds=1),
    "iso8601_z": timedelta(microseconds=1),
    "iso8601_s": timedelta(seconds=1),
    "iso8601_ms": timedelta(milliseconds=1),
}
"""The smallest step of each time format that has a name: what is smaller is cut off."""

FORMATS = tuple(_UNITS)
"""How times are written by name: the Organization API's are epoch milliseconds."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "Y": lambda time: f"{time.year:04}",
    "y": lambda time: f"{time.year % 100:02}",
    "m": lambda time: f"{time.month:02}",
    "B": lambda time: _MONTHS[time.month - 1],
    "b": lambda time: _MONTHS[time.month - 1][:3],
    "d": lambda time: f"{time.day:02}",
    "j": lambda time: f"{time.timetuple().tm_yday:03}",
    "A": lambda time: _DAYS[time.weekday()],
    "a": lambda time: _DAYS[time.weekday()][:3],
    "H": lambda time: f"{time.hour:02}",
    "I": lambda time: f"{(time.hour - 1) % 12 + 1:02}",
    "p": lambda time: "AM" if time.hour < 12 else "PM",
    "M": lambda time: f"{time.minute:02}",
    "S": lambda time: f"{time.second:02}",
    "f": lambda time: f"{time.microsecond:06}",
    "z": lambda _: "+0000",
    "Z": lambda _: "UTC",
    "%": lambda _: "%",
}
"""What a format of the user's own may hold, as :meth:`datetime.strftime` has it.

Written here, because the C library's depends on the machine: its locale names the months, its time zone decides ``%s``
whatever zone the time has, and Linux writes the year 33 as ``33``.
"""

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


def check_time_format(value: Any) -> None:
    """Refuse what is neither one of ``FORMATS`` nor a format such as ``%Y-%m-%d %H:%M``.

    :raises ConfigurationError: naming ``time_format``.
    """
    problem = _problem(value)
    if problem:
        raise ConfigurationError(
            "time_format",
            problem,
            advice=f'Write one of {", ".join(FORMATS)}, or a format of your own, such as "%Y-%m-%d %H:%M:%S".',
        )


def written(time: datetime, time_format: str) -> int | str:
    """Write a time in UTC as ``time_format`` says; what is smaller than its smallest unit is cut off.

    :param time_format: one that :func:`check_time_format` lets be.
    """
    match time_format:
        case "epoch_ms":
            return (time - _EPOCH) // _MILLISECOND
        case "epoch_s":
            return (time - _EPOCH) // _SECOND
        case "iso8601":
            return time.isoformat()
        case "iso8601_z":
            return _zulu(time, "auto")
        case "iso8601_s":
            return _zulu(time, "seconds")
        case "iso8601_ms":
            return _zulu(time, "milliseconds")
    return _DIRECTIVE.sub(lambda match: _DIRECTIVES[match[1]](time), time_format)


def unit_of(time_format: str) -> timedelta:
    """Return the smallest step in which ``time_format`` writes a time: what is smaller is cut off.

    A month is given as 31 days and a year as 366, the most that can be cut off.
    """
    if time_format in _UNITS:
        return _UNITS[time_format]
    found = set(_DIRECTIVE.findall(time_format))
    return next((unit for directives, unit in _FINEST if found & directives), timedelta(days=366))


def utc(time: datetime) -> datetime:
    """Return the same moment in UTC; a time without a zone is UTC."""
    # As a plain datetime: Airflow's own are pendulum's, whose texts and arithmetic differ.
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return datetime.fromisoformat(aware.astimezone(UTC).isoformat())


def _problem(value: Any) -> str:
    if not isinstance(value, str):
        return f"is {type(value).__name__}"
    if value in FORMATS:
        return ""
    found = set(_DIRECTIVE.findall(value))
    unknown = sorted(found - _DIRECTIVES.keys())
    if not found:
        return "is unknown"
    if unknown:
        return f"holds %{unknown[0]}, which is not one of %{' %'.join(_DIRECTIVES)}"
    if any(character < " " or "\ud800" <= character <= "\udfff" for character in value):
        return "holds a character that no query can carry"
    if not found & {"Y", "y"}:
        return "does not write the year (%Y)"
    if ("I" in found) != ("p" in found):
        return "takes half a day for a whole one: %I and %p go together, or write %H"
    return ""


def _zulu(time: datetime, unit: str) -> str:
    return f"{time.replace(tzinfo=None).isoformat(timespec=unit)}Z"


_FINEST: tuple[tuple[set[str], timedelta], ...] = (
    ({"f"}, timedelta(microseconds=1)),
    ({"S"}, timedelta(seconds=1)),
    ({"M"}, timedelta(minutes=1)),
    ({"H", "I"}, timedelta(hours=1)),
    ({"d", "j"}, timedelta(days=1)),
    ({"m", "B", "b"}, timedelta(days=31)),
)

_EPOCH = datetime.fromtimestamp(0, UTC)
_SECOND = datetime.fromtimestamp(1, UTC) - _EPOCH
_MILLISECOND = _SECOND / 1000
