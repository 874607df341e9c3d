"""An event loop whose clock jumps to the next timer while nothing is under way: hours of waiting pass at once."""

from __future__ import annotations

import asyncio
import selectors

from airflow_provider_orgauth.triggers.imports import imported

# Triggers import them in a thread, for which there is no task: the clock would jump meanwhile.
for name in ("begin", "look_stream", "watch"):
    asyncio.run(imported(name))


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its clock jumps only when no other tasks exist than ``idle_tasks``.

    Sockets and threads are real: while a request or a look-up is under way, there is a task for it, and time goes by as
    it really does.

    :param idle_tasks: how many tasks there are while all of them wait for a timer.
    """

    def __init__(self, idle_tasks: int = 1) -> None:
        super().__init__(_Selector(self))
        self.idle_tasks = idle_tasks
        self.ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead

    @property
    def is_idle(self) -> bool:
        return len(asyncio.all_tasks(self)) <= self.idle_tasks


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(min(timeout, 0.002))
        if not ready and timeout > 0.002:
            if not self._loop.is_idle:
                return super().select(min(timeout, 0.05))
            self._loop.ahead += timeout
        return ready


def run(coroutine, *, idle_tasks: int = 1):
    """Run a coroutine to its end on such a loop."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(idle_tasks)) as runner:
        return runner.run(coroutine)
