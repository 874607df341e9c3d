"""Run something in a forked child of the test's process, and get back what came of it."""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import time
import traceback
from collections.abc import Callable
from typing import Any

DEADLINE = 60.0
"""Seconds: a child that takes longer hangs."""

_LENGTH = struct.Struct("<Q")


class Child:
    """A forked child that calls ``function`` and ends at once, as the workers of multiprocessing do.

    :param leaves: end as a program does, with all that Python closes and flushes then.
    """

    def __init__(self, function: Callable[[], Any], *, leaves: bool = False) -> None:
        self._answer, answer = os.pipe()
        self._end = time.monotonic() + DEADLINE
        self._has_ended = False
        self.pid = os.fork()
        if self.pid == 0:
            self._live(function, answer, leaves=leaves)
        os.close(answer)

    def result(self) -> Any:
        """Return what the function returned, once the child has ended."""
        try:
            text = self._read()
            self._wait()
        finally:
            os.close(self._answer)
            if not self._has_ended:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        assert text, "the child ended without a word"
        returned, problem = pickle.loads(text)
        assert not problem, problem
        return returned

    def _wait(self) -> None:
        while not self._has_ended:
            self._has_ended = os.waitpid(self.pid, os.WNOHANG) != (0, 0)
            assert self._has_ended or time.monotonic() < self._end, "the child does not end"
            time.sleep(0.002)

    def _read(self) -> bytes:
        text = b""
        answer = select.poll()  # select() knows no descriptor above 1023, and thousands of tests leave some open
        answer.register(self._answer, select.POLLIN)
        while True:
            assert answer.poll(1000 * max(0.0, self._end - time.monotonic())), "the child hangs"
            piece = os.read(self._answer, 1 << 16)
            text += piece
            # Its end may be long in coming: a child of the child has the pipe open, too.
            if not piece or len(text) == _LENGTH.size + _LENGTH.unpack_from(text)[0]:
                return text[_LENGTH.size :]

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
                pipe.write(_LENGTH.pack(len(told)) + told)
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
