"""When a wait looks for the first time: many that begin together spread over a while."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_LOOKS_PER_SECOND = 200
"""Of waits that begin together, on one server: an event loop, and most servers, do that with ease."""


def first_look(
    interval: float, *, waits: int, due_in: float | None, uniform: Callable[[float, float], float] = random.uniform
) -> float:
    """Return the seconds until the first look.

    :param interval: seconds between two looks.
    :param waits: how many there are on the server, this one included.
    :param due_in: seconds until the next look that was planned before; negative: it is late. None: none was.
    """
    spread = uniform(0, min(interval, waits / FIRST_LOOKS_PER_SECOND))
    return spread if due_in is None else max(due_in, spread)
