"""A watermark: a moment up to which everything is in complete files, kept in an Airflow Variable."""

from __future__ import annotations

from datetime import datetime

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.time_format import utc

_VARIABLE = "orgauth_watermark_{}"


def read_watermark(name: str) -> datetime | None:
    """Return where the watermark stands, or None where it never was.

    :raises ConfigurationError: there is something else in its Variable.
    """
    from airflow_provider_orgauth.compat import Variable

    text = Variable.get(_VARIABLE.format(name), None)
    if text is None:
        return None
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        raise ConfigurationError(
            f"Variable {_VARIABLE.format(name)}", "is no time", advice="Write one such as 2026-01-31T00:00:00+00:00."
        ) from None


def move_watermark(name: str, time: datetime) -> None:
    """Move the watermark to ``time``. It never moves back.

    :raises ConfigurationError: it does not stay where it was put.
    """
    stands = read_watermark(name)
    if stands is None or stands < time:
        _write_watermark(name, time)


def _write_watermark(name: str, time: datetime) -> None:
    from airflow_provider_orgauth.compat import Variable

    Variable.set(_VARIABLE.format(name), time.isoformat())
    if read_watermark(name) != time:
        raise ConfigurationError(
            f"Variable {_VARIABLE.format(name)}",
            "does not stay as it was written",
            advice="A secrets backend or an environment variable hides it: remove it there.",
        )
