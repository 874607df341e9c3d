"""``Retry-After`` and ``Date``: any value is a wait within the cap, or none, and a time, or none; nothing is raised."""

from __future__ import annotations

import math

from airflow_provider_orgauth.client import clock_check
from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.retry import LONGEST_WAIT, RetryPolicy, retry_after
from fuzz import reading

NOW = 1_766_000_000.0


def check(value: str, now: float = NOW) -> None:
    """Assert what must hold of one header value."""
    seconds = retry_after({"Retry-After": value}, now=now)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT
    assert seconds == retry_after({"x": "1", "rEtRy-aFtEr": f" {value}\t"}, now=now), "case or white space counts"
    if value.isascii() and value.isdigit():
        assert seconds == min(int(value[:20]), LONGEST_WAIT)
    date = http_date(value)
    assert date is None or math.isfinite(date)
    clock_check.check("fra1.example", {"date": value}, sent_at=now - 1, now=now)
    for low_or_high in (0.0, 1.0):
        policy = RetryPolicy(
            5,
            clock=lambda: now,
            uniform=lambda low, high, at=low_or_high: low + at * (high - low),  # type: ignore[misc]
        )
        wait = policy.wait(1, {"Retry-After": value})
        assert (seconds or 0) <= wait <= LONGEST_WAIT


def one(data: bytes) -> None:
    """The header's value, as HTTP libraries decode it."""
    check(data.decode("latin-1"))
    check(reading.text(data))
