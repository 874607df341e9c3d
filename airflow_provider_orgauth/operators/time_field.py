"""Whether records lie in the interval that was asked for: a server that does not know a query parameter ignores it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ResponseError, UnknownFieldError
from airflow_provider_orgauth.exports.field_names import what_there_is
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.operators.time_format import unit_of, utc
from airflow_provider_orgauth.paging.raw import Raw, decode, find_value, first_byte, members

if TYPE_CHECKING:
    from airflow_provider_orgauth.operators.arguments import IntervalArguments
    from airflow_provider_orgauth.operators.interval import Interval
    from airflow_provider_orgauth.paging.paginator import Page

log = logging.getLogger(__name__)

_EPOCH = datetime.fromtimestamp(0, UTC)

_UNITS = ((1e11, timedelta(seconds=1)), (1e14, timedelta(milliseconds=1)), (1e17, timedelta(microseconds=1)))
"""The unit of a time as a number below each bound, since 1970. All three bounds are in the year 5138."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")

_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")


class TimeField:
    """The field of a record that holds its time, as ``time_field`` names it.

    :param name: keys joined by dots.
    :param interval: what was asked for; a side without a time is not looked at.
    :param asked: the names of the query parameters for its beginning and its end, for an error.
    :param unit: the smallest step in which the parameters write a time: what lies within it is not outside.
    :param require: a name that no record has is an error, and no warning.
    """

    def __init__(
        self, name: str, interval: Interval, *, asked: tuple[str | None, str | None], unit: timedelta, require: bool
    ) -> None:
        self._name = name
        self._asked = asked
        self._interval = interval
        self._unit = unit
        self._require = require
        self._found = self._has_records = False
        self._known: set[str] = set()

    def within(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Yield ``pages``, each after all of its records were looked at.

        :raises ResponseError: a record lies outside, or its time is none.
        """
        for page in pages:
            for number, record in enumerate(page.records, 1):
                self._see(record, f"Record {number:,} of page {page.number:,}")
            yield page

    def require_known(self) -> None:
        """Refuse a name that no record had, unless there was no record; or warn of it.

        :raises UnknownFieldError: with what there is.
        """
        if self._found or not self._has_records:
            return
        problem = f"time_field: no record has {self._name!r}."
        if self._require:
            raise UnknownFieldError(problem, advice=what_there_is(self._name, self._known))
        log.warning("%s", problem)

    def _see(self, record: Raw, which: str) -> None:
        self._has_records = True
        value = find_value(record, self._name)
        if value is None:
            if not self._known and first_byte(record) == b"{":
                self._known = set(members(record))
            return
        self._found = True
        given = decode(value, which)
        if given is None:
            return
        time, unit = self._time(given, which)
        since, until = self._interval.since, self._interval.until
        # What was cut off of either may have put it there: to say that a server ignores a parameter takes more.
        if since is not None and time + unit <= since - self._unit:
            raise self._outside(which, time, "before", since, ("since", self._asked[0]))
        if until is not None and time > until + self._unit:
            raise self._outside(which, time, "after", until, ("until", self._asked[1]))

    def _time(self, given: Any, which: str) -> tuple[datetime, timedelta]:
        """Return the time, and the unit in which it is written."""
        try:
            if isinstance(given, str) and _DATE.fullmatch(given):
                return utc(datetime.fromisoformat(given)), timedelta(days=1)
            if isinstance(given, str) and not _NUMBER.fullmatch(given):
                return utc(datetime.fromisoformat(given)), timedelta(microseconds=1)
            if isinstance(given, str | int | float) and not isinstance(given, bool):
                number = float(given)
                unit = next(unit for most, unit in _UNITS if abs(number) < most)
                return _EPOCH + number * unit, unit
        except (ValueError, OverflowError, StopIteration):
            pass
        raise ResponseError(
            f"time_field: {which} has no time in {self._name!r}, but {one_line(repr(given))[:60]}.",
            advice="Name a field with seconds, milliseconds or microseconds since 1970, or with an ISO 8601 time.",
        )

    def _outside(
        self, which: str, time: datetime, side: str, end: datetime, asked: tuple[str, str | None]
    ) -> ResponseError:
        argument, parameter = asked
        return ResponseError(
            f"{which} is of {time.isoformat()}, {side} {end.isoformat()}, which {argument}={parameter!r} asked for.",
            advice=f"A server ignores a query parameter that it does not know: check {argument}, time_format and "
            "time_field.",
        )


def time_field_of(arguments: IntervalArguments, interval: Interval) -> TimeField | None:
    """Return what looks at the records' times, or None where no ``time_field`` is given."""
    if arguments.time_field is None:
        return None
    return TimeField(
        arguments.time_field,
        interval,
        asked=(arguments.since, arguments.until),
        unit=unit_of(arguments.time_format),
        require=arguments.require_fields,
    )
