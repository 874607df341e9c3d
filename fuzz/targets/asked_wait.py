"""For how long a server asks to wait: any headers are a wait within bounds, or none; ``Date`` is a time, or none."""

from __future__ import annotations

import math
from collections.abc import Mapping

from airflow_provider_orgauth.client.asked_wait import asked_wait, is_rate_limit, until
from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.retry_policy import LONGEST_WAIT_SECONDS, RetryPolicy
from airflow_provider_orgauth.client.server_clock import ServerClock
from airflow_provider_orgauth.client.wait_values import YEAR_SECONDS
from airflow_provider_orgauth.oauth.server_time import MAX_CORRECTION_SECONDS
from fuzz import reading

NOW = 1_766_000_000.0


def check(headers: Mapping[str, str], now: float = NOW) -> None:
    """Assert what must hold of the headers of one answer."""
    seconds = asked_wait(headers, now=now)
    assert seconds is None or 0 <= seconds <= YEAR_SECONDS
    assert seconds is None or until(seconds, now=now).endswith(" UTC")
    if len({name.lower() for name in headers}) == len(headers):
        spelled_otherwise = {name.upper(): f" {value}\t" for name, value in headers.items()}
        assert seconds == asked_wait({"x": "1", **spelled_otherwise}, now=now), "case or white space counts"
    assert is_rate_limit(429, headers, now=now)
    assert not is_rate_limit(200, headers, now=now)
    assert not is_rate_limit(503, headers, now=now)
    assert is_rate_limit(403, headers, now=now) in (True, False)
    for low_or_high in (0.0, 1.0):
        policy = RetryPolicy(
            5,
            clock=lambda: now,
            uniform=lambda low, high, at=low_or_high: low + at * (high - low),  # type: ignore[misc]
        )
        wait = policy.wait(1, headers)
        assert min(seconds or 0, LONGEST_WAIT_SECONDS) <= wait <= LONGEST_WAIT_SECONDS
        assert policy.asks_too_much(headers) == (seconds is not None and seconds > LONGEST_WAIT_SECONDS)


def check_date(value: str, now: float = NOW) -> None:
    """Assert what must hold of one ``Date``."""
    date = http_date(value)
    assert date is None or math.isfinite(date)
    if date is not None:
        clock = ServerClock(lambda: now, boot=lambda: 0.0)
        seconds = clock.correction(date, took=1.0)
        assert abs(seconds) <= abs(date - now)
        clock.learn(date, took=1.0)
        assert clock.now() == now + (seconds if abs(seconds) <= MAX_CORRECTION_SECONDS else 0)


def one(data: bytes) -> None:
    """Headers, one a line, as HTTP libraries decode them."""
    for text in (data.decode("latin-1"), reading.text(data)):
        pairs = (line.partition(":") for line in text.split("\n"))
        headers = {name: value for name, _, value in pairs if name.isascii()}
        check(headers)
        for value in headers.values():
            check_date(value)
