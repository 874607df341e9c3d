"""Which looks are due when. Those that are due at nearly the same time are made together."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.subject import Subject

TOGETHER_SECONDS = 0.1
"""Looks are put off by so much at most, to be made together: the loop wakes up for all of them, which takes as much
processor time as half of a look."""


class PlannedLooks:
    """Keeps subjects until they are due."""

    def __init__(self) -> None:
        self._at: dict[int, list[Subject]] = {}  # by the number of whole TOGETHER_SECONDS on the loop's clock
        self._numbers: list[int] = []  # a heap

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def add(self, subject: Subject, due: float) -> None:
        """Keep a subject. Who plans it anew, adds it again, and looks at :attr:`Subject.due` when it is taken.

        :param due: seconds of the loop's clock.
        """
        if math.isinf(due):
            return
        number = math.ceil(due / TOGETHER_SECONDS)
        if number * TOGETHER_SECONDS < due:  # a quotient is rounded
            number += 1
        if number not in self._at:
            self._at[number] = []
            heapq.heappush(self._numbers, number)
        self._at[number].append(subject)

    @property
    def next_at(self) -> float:
        """Return when the next ones are to be taken, in seconds of the loop's clock; infinity: there are none."""
        return self._numbers[0] * TOGETHER_SECONDS if self._numbers else math.inf

    def take(self, now: float) -> Iterator[Subject]:
        """Yield those that are due, and keep them no longer."""
        while self._numbers and self.next_at <= now:
            yield from self._at.pop(heapq.heappop(self._numbers))
