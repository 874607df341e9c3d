"""When to look next."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

JITTER = 0.1
"""The part of an interval by which it is longer or shorter: waits that began together do not stay together."""

LEAST_WAIT_AFTER_ERROR_SECONDS = 1.0
"""Whatever the interval: a server that fails is not asked again at once."""


def next_look(
    interval: float,
    *,
    remaining: float,
    asked: float | None = None,
    after_error: bool = False,
    longest: float | None = None,
    uniform: Callable[[float, float], float] = random.uniform,
) -> float:
    """Return the seconds until the next look.

    :param interval: seconds, before the jitter.
    :param remaining: seconds until the wait times out: the last look is then, whatever else is said.
    :param asked: seconds that the server asks to wait, at least.
    :param after_error: this look brought an error.
    :param longest: the most seconds that the interval may have with its jitter.
    :param uniform: a random number between two, as :func:`random.uniform`.
    """
    most = math.inf if longest is None else longest
    interval = min(interval, most)
    if interval >= remaining:
        return max(0.0, remaining)  # jitter would bring one look shortly before the last
    seconds = min(interval * uniform(1 - JITTER, 1 + JITTER), most)
    if after_error:
        seconds = max(seconds, LEAST_WAIT_AFTER_ERROR_SECONDS)
    if asked is not None:
        seconds = max(seconds, asked * uniform(1, 1 + JITTER))
    return max(0.0, min(seconds, remaining))
