"""What a deferred sensor ends with when its time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol


class Timed(Protocol):
    """What is taken of the sensor."""

    timeout: float
    execution_timeout: timedelta | None


def time_over(sensor: Timed, seconds: float, last: str = "", *, skips: bool = False) -> BaseException:
    """Return the exception: by the shorter one of ``timeout`` and ``execution_timeout``.

    :param seconds: for which it has waited.
    :param last: what was last seen, as sentences.
    :param skips: the task is to be skipped.
    """
    from airflow_provider_orgauth.compat import AirflowSensorTimeout, AirflowSkipException, AirflowTaskTimeout

    limit = sensor.execution_timeout
    kind: type[BaseException]
    if limit is not None and limit.total_seconds() < sensor.timeout:
        kind, text = AirflowTaskTimeout, f"The wait took {seconds:.0f} s, and execution_timeout is {limit}."
    else:
        kind = AirflowSensorTimeout
        text = (
            f"Sensor has timed out; run duration of {seconds:.0f} seconds exceeds the specified timeout of "
            f"{sensor.timeout}."
        )
    return (AirflowSkipException if skips else kind)(f"{text} {last}".rstrip())
