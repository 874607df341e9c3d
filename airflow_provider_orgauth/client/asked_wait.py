"""For how long a server asks to wait: ``Retry-After``, and the headers in which servers describe their limits.

======================================================================  ==============================================
``Retry-After: 30``                                                     RFC 9110 section 10.2.3; overrules the others
``RateLimit: "default";r=0;t=30``                                       IETF draft "RateLimit header fields for HTTP"
``RateLimit: limit=100, remaining=0, reset=30``                         the same, up to its version 7
``RateLimit-Remaining: 0``, ``RateLimit-Reset: 30``                     the same, up to its version 6
``X-RateLimit-Remaining: 0``, ``X-RateLimit-Reset: 1766000030``         GitHub and many others
``X-Rate-Limit-Remaining-Minute: 0``, ``X-Rate-Limit-Reset-Minute: 9``  one limit for each of several windows of time
``x-ratelimit-reset-requests: 1m30s``                                   one for each of several things that are counted
======================================================================  ==============================================

A time is compared with the answer's own ``Date``, because the server read both from one clock. Where there is no
``Date``, or one that is too far off to be true, this machine's clock is used.

A limit counts if nothing of it remains, or if it does not say what remains. These headers are read only where the
answer's status says that the server is busy: an answer that succeeded may have them too, and is no reason to wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.wait_values import YEAR_SECONDS, plain_number, seconds_until
from airflow_provider_orgauth.oauth.server_time import MAX_CORRECTION_SECONDS

FORBIDDEN, TOO_MANY_REQUESTS = 403, 429

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SEVERAL = re.compile(r"[0-9][0-9.a-z]*(?:\s*,\s*[0-9][0-9.a-z]*)+")
_MILLISECONDS = frozenset({"ms", "millis", "milliseconds"})


@dataclass(slots=True)
class _Limit:
    """One limit of a server, as far as it says.

    :param remaining: requests that may still be sent.
    :param reset: seconds until there are more of them.
    """

    remaining: float | None = None
    reset: float | None = None

    @property
    def is_exhausted(self) -> bool:
        return self.remaining == 0


def asked_wait(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds that a busy server asks to wait, at most a year; None where it asks for nothing.

    :param headers: of the answer, in any case.
    :param now: epoch seconds by this machine's clock.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    now = _time_at_server(lower, now)
    asked = _retry_after(lower, now)
    if asked is not None:
        return asked
    limits = _limits(lower, now)
    exhausted = [limit.reset for limit in limits if limit.is_exhausted and _is_ahead(limit.reset)]
    if exhausted:
        return max(filter(None, exhausted))
    unclear = [limit.reset for limit in limits if limit.remaining is None and _is_ahead(limit.reset)]
    return min(filter(None, unclear), default=None)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds that an answer which is no error asks to wait: by ``Retry-After`` alone, as of a 202.

    :param headers: as of :func:`asked_wait`, and so is ``now``.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    return _retry_after(lower, _time_at_server(lower, now))


def is_rate_limit(status: int, headers: Mapping[str, str], *, now: float) -> bool:
    """Return whether an answer says that too much was asked: 429 (RFC 6585 section 4), or a 403 that shows it.

    A 403 does so by a time to wait, as GitHub's, or by a limit of which nothing remains. Any other one means that the
    client may not do this, now or later.
    """
    if status != FORBIDDEN:
        return status == TOO_MANY_REQUESTS
    lower = {name.lower(): value for name, value in headers.items()}
    now = _time_at_server(lower, now)
    return _retry_after(lower, now) is not None or any(limit.is_exhausted for limit in _limits(lower, now))


def until(seconds: float, *, now: float) -> str:
    """Return when that many seconds will be over, as text: ``2025-12-17 19:33:30 UTC``."""
    return f"{datetime.fromtimestamp(now + seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _time_at_server(headers: Mapping[str, str], now: float) -> float:
    date = http_date(headers.get("date", ""))
    if date is None or abs(date - now) > MAX_CORRECTION_SECONDS:
        return now
    # A cache's answer is as old as it says (RFC 9111 section 5.1).
    return date + min(plain_number(headers.get("age", "")) or 0.0, YEAR_SECONDS)


def _is_ahead(reset: float | None) -> bool:
    # A reset that is over says nothing: a clock is wrong, or the server does not keep to what it says.
    return reset is not None and reset > 0


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    # Not those of a limit, such as X-RateLimit-Retry-After: every answer may have one, so it counts as a reset.
    others = [name for name in headers if name.endswith(("-retry-after", "retry-after-ms")) and "limit" not in name]
    for name in ("retry-after", *others):
        in_milliseconds = name.endswith("-ms")
        values = _each(headers.get(name, ""))
        asked = [seconds_until(value, now=now, in_milliseconds=in_milliseconds) for value in values]
        seconds = max((each for each in asked if each is not None), default=None)
        if seconds is not None:
            return min(max(seconds, 0.0), YEAR_SECONDS)
    return None


def _each(value: str) -> list[str]:
    """Return the values of a header: several where it came twice, from a server and from the gateway before it."""
    value = value.strip()
    return re.split(r"\s*,\s*", value) if _SEVERAL.fullmatch(value) else [value]


def _limits(headers: Mapping[str, str], now: float) -> list[_Limit]:
    together: list[_Limit] = []
    named: dict[str, _Limit] = {}
    for name, value in headers.items():
        _, is_one, about = name.replace("rate-limit", "ratelimit").partition("ratelimit")
        if not is_one:
            continue
        words = about.strip("-").split("-")
        if words == [""]:
            together += _structured(value, now)
        elif "remaining" in words:
            for place, each in enumerate(_each(value)):
                _of(named, words, "remaining", place).remaining = plain_number(each)
        elif "reset" in words or words[:2] == ["retry", "after"]:
            in_milliseconds = not _MILLISECONDS.isdisjoint(words)
            for place, each in enumerate(_each(value)):
                _of(named, words, "reset", place).reset = seconds_until(each, now=now, in_milliseconds=in_milliseconds)
    for window, limit in named.items():
        if window and limit.remaining is None and "" in named:
            limit.remaining = named[""].remaining
    return [*together, *named.values()]


def _of(named: dict[str, _Limit], words: list[str], what: str, place: int) -> _Limit:
    """Return the limit that the rest of a header's name names; ``place`` counts the values of a header with several."""
    rest = [word for word in words if word not in (what, "retry", "after", "at") and word not in _MILLISECONDS]
    return named.setdefault("-".join(rest) + (f"#{place}" if place else ""), _Limit())


def _structured(value: str, now: float) -> Iterator[_Limit]:
    """Yield the limits of a ``RateLimit`` header, of any version of the draft."""
    bare = _QUOTED.sub('""', value.lower())
    older = _parameters(re.split("[,;]", bare))
    if "remaining" in older or "reset" in older:
        yield _limit(older.get("remaining", ""), older.get("reset", ""), now)
        return
    for item in bare.split(","):
        parameters = _parameters(item.split(";")[1:])
        yield _limit(parameters.get("r", ""), parameters.get("t", ""), now)


def _parameters(parts: list[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _limit(remaining: str, reset: str, now: float) -> _Limit:
    return _Limit(plain_number(remaining), seconds_until(reset, now=now))
