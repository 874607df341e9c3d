"""Intervals that grow from look to look, as those of Airflow's sensors do with ``exponential_backoff``."""

from __future__ import annotations

MOST_DOUBLINGS = 30
"""A second becomes 34 years: longer than any wait, and short enough for a float and a timedelta."""


def backed_off(interval: float, looks: int, *, longest: float | None) -> float:
    """Return the seconds until the next look, before the jitter.

    :param interval: seconds after the first look.
    :param looks: how many there were.
    :param longest: the most seconds; None: no bound.
    """
    seconds: float = interval * 2 ** min(max(looks - 1, 0), MOST_DOUBLINGS)
    return seconds if longest is None else min(seconds, longest)
