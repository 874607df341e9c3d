"""Run something in a forked child of the test's process, and get back what came of it."""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any

DEADLINE = 60.0
"""Seconds: a child that takes longer hangs."""


class Child:
    """A forked child that calls ``function`` and ends at once, as the workers of multiprocessing do.

    :param leaves: end as a program does, with all that Python closes and flushes then.
    """

    def __init__(self, function: Callable[[], Any], *, leaves: bool = False) -> None:
        self._answer, answer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._live(function, answer, leaves=leaves)
        os.close(answer)

    def result(self) -> Any:
        """Return what the function returned, once the child has ended."""
        try:
            text = self._read()
        finally:
            os.close(self._answer)
            os.kill(self.pid, signal.SIGKILL)  # it has ended, or hangs
            _, self.status = os.waitpid(self.pid, 0)
        assert text, "the child ended without a word"
        returned, problem = pickle.loads(text)
        assert not problem, problem
        return returned

    def _read(self) -> bytes:
        text, end = b"", time.monotonic() + DEADLINE
        while True:
            readable, _, _ = select.select([self._answer], [], [], max(0.0, end - time.monotonic()))
            assert readable, "the child hangs"
            piece = os.read(self._answer, 1 << 16)
            if not piece:
                return text
            text += piece

    def _live(self, function: Callable[[], Any], answer: int, *, leaves: bool) -> None:
        os.close(self._answer)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(2 * DEADLINE))  # where a test has failed, nobody may ask
        try:
            try:
                told = pickle.dumps((function(), None))
            except BaseException:
                told = pickle.dumps((None, traceback.format_exc()))
            with os.fdopen(answer, "wb", closefd=False) as pipe:
                pipe.write(told)
        finally:
            if not leaves:
                os._exit(0)
        # Up through the frames of pytest there is no way out. What Python does at the end of a program, it does here.
        _leave()


def _leave() -> None:
    import atexit
    import gc

    gc.collect()
    atexit._run_exitfuncs()
    os._exit(0)


def in_child(function: Callable[[], Any], *, leaves: bool = False) -> Any:
    """Return what ``function`` returned in a forked child."""
    return Child(function, leaves=leaves).result()
