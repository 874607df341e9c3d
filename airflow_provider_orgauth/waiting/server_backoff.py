"""How all waits on one server hold back together while it, or the way to it, is in trouble."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""A server that is well again is found so within a minute, after whatever it has been through."""

LONGEST_ASKED_PAUSE_SECONDS = 3600.0
"""Of all waits, for what one answer asks: it may be about one client or resource, or have a wrong date in it."""

ERRORS_OF_ONE_RESOURCE = 2
"""A plain 500 may be about one resource alone. As many in a row are no sign that the server is in trouble."""


class ServerBackoff:
    """Until when no look is made, and how many at once after that.

    :param uniform: a random number between two, as :func:`random.uniform`.
    """

    __slots__ = ("_pauses", "_plain_errors", "_uniform", "closed_until")

    def __init__(self, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self.closed_until = float("-inf")
        self._pauses = 0
        self._plain_errors = 0
        self._uniform = uniform

    @property
    def is_well(self) -> bool:
        """Whether the last look found nothing wrong. Else one look at a time finds out."""
        return self._pauses == 0

    def went_well(self) -> None:
        """Report an answer that shows no trouble of the server."""
        self._pauses = self._plain_errors = 0

    def trouble(self, now: float, *, began: float, asked: float | None, is_plain_error: bool) -> None:
        """Report a look that met trouble.

        :param now: seconds, on any one clock; ``began``: when the look began, on the same.
        :param asked: seconds that the server asks to wait.
        :param is_plain_error: a status that may be about the one resource: a 500 without ``Retry-After``.
        """
        if is_plain_error:
            self._plain_errors += 1
            if self._plain_errors <= ERRORS_OF_ONE_RESOURCE:
                return
        pause = 0.0
        if began >= self.closed_until:  # else it began before the pause, and tells nothing new
            bound = min(FIRST_PAUSE_SECONDS * 2 ** min(self._pauses, 30), LONGEST_PAUSE_SECONDS)
            pause = self._uniform(bound / 2, bound)
            self._pauses += 1
        if asked is not None:
            pause = max(pause, min(asked, LONGEST_ASKED_PAUSE_SECONDS) * self._uniform(1, 1.1))
        self.closed_until = max(self.closed_until, now + pause)
