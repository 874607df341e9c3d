"""Let many waits begin a few in a turn of the loop: a triggerer that starts takes on all of its waits at once."""

from __future__ import annotations

import asyncio
from collections import deque

BEGIN_IN_A_TURN = 50
"""To check a request and a condition, and to plan the first look, takes a tenth of a millisecond."""


class BeginTurns:
    """Lets through who wants to begin, in the order in which they come.

    :param loop: the running one.
    :param most: how many in a turn.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int = BEGIN_IN_A_TURN) -> None:
        self._loop = loop
        self._most = self._left = most
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_counting = False

    async def take(self) -> None:
        """Return when it is one's turn."""
        if not self._is_counting:
            self._is_counting = True
            self._loop.call_soon(self._next)
        if self._left > 0:
            self._left -= 1
            return
        mine = self._loop.create_future()
        self._waiting.append(mine)
        await mine

    def _next(self) -> None:
        self._left = self._most
        while self._waiting and self._left > 0:
            first = self._waiting.popleft()
            if not first.done():  # it may have been cancelled
                first.set_result(None)
                self._left -= 1
        self._is_counting = bool(self._waiting) or self._left < self._most
        if self._is_counting:
            self._loop.call_soon(self._next)
