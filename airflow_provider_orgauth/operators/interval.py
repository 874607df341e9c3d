"""Ask for what is new: the run's data interval, or what came since a watermark, as query parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.arguments import IntervalArguments
from airflow_provider_orgauth.operators.time_format import utc, written
from airflow_provider_orgauth.operators.watermark import move_watermark, read_watermark


@dataclass(frozen=True, slots=True)
class Interval:
    """From when to when a run asks; each is None where it is not asked for.

    :param watermark: the name under which ``until`` is remembered once all is done; None: it is not.
    """

    since: datetime | None
    until: datetime | None
    watermark: str | None = None

    @classmethod
    def of(cls, saved: Mapping[str, str], watermark: str | None) -> Interval:
        """Return the interval that :meth:`to_dict` was taken from."""
        times = {name: datetime.fromisoformat(saved[name]) for name in ("since", "until") if name in saved}
        return cls(times.get("since"), times.get("until"), watermark)

    def done(self) -> None:
        """Move the watermark: what lies before it is in a complete file.

        :raises ConfigurationError: it does not stay where it was put.
        """
        if self.watermark is not None and self.until is not None:
            move_watermark(self.watermark, self.until)

    def to_dict(self) -> dict[str, str]:
        """Return what is asked for, as ISO 8601 texts."""
        both = {"since": self.since, "until": self.until}
        return {name: time.isoformat() for name, time in both.items() if time is not None}


def interval_of(arguments: IntervalArguments, context: Mapping[str, Any]) -> Interval:
    """Return the interval that this run of the operator is about.

    :raises AirflowSkipException: the watermark is at this run's end already, or after it.
    :raises ConfigurationError: the run has no interval.
    """
    if arguments.since is None and arguments.until is None:
        return Interval(None, None)
    if arguments.watermark is None:
        since, until = context.get("data_interval_start"), context.get("data_interval_end")
        if since is None or until is None:
            raise ConfigurationError(
                "since",
                "this run has no data interval",
                advice="Give the DAG a schedule with one, or use watermark, which needs none.",
            )
        if arguments.since is not None and since >= until:
            # Airflow 3's cron schedules and manual runs: asked for, it would be an export without records, every time.
            raise ConfigurationError(
                "since",
                f"this run's data interval is empty: it begins and ends at {utc(until).isoformat()}",
                advice="Schedule with CronDataIntervalTimetable, or use watermark, which needs no interval.",
            )
        return Interval(utc(since) if arguments.since else None, utc(until) if arguments.until else None)
    since, until = read_watermark(arguments.watermark), _end_of_run(context)
    if since is not None and since >= until:
        from airflow_provider_orgauth.compat import AirflowSkipException

        stands = f"The watermark {arguments.watermark!r} is at {since.isoformat()}"
        raise AirflowSkipException(f"{stands}, and this run ends at {until.isoformat()}.")
    return Interval(since, until, arguments.watermark)


def params_of(arguments: IntervalArguments, interval: Interval) -> dict[str, Any]:
    """Return the query parameters for ``interval``."""
    named = ((arguments.since, interval.since), (arguments.until, interval.until))
    return {name: written(time, arguments.time_format) for name, time in named if name and time is not None}


def _end_of_run(context: Mapping[str, Any]) -> datetime:
    """Return the moment up to which this run asks: the same in each of its attempts."""
    found = context.get("data_interval_end")
    run = context.get("dag_run")
    for name in ("run_after", "logical_date", "start_date"):
        found = found or getattr(run, name, None)
    if found is None:
        raise ConfigurationError("watermark", "this run has no time", advice="Run it from a DAG.")
    return utc(found)
