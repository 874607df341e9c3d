"""The steps of a renewal at which a process is stopped, as by a hypervisor that freezes its machine.

The process stops itself (SIGSTOP) when it gets there; the test lets it go on (SIGCONT). Of all processes that could be
stopped, the first one is.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shifted_clock import ProcessClocks, from_boot

if TYPE_CHECKING:
    from airflow_provider_orgauth.oauth.steps import Outcome, Rule

POINTS = (
    "before the first look",
    "after the first look",
    "before the claim",
    "after the claim",
    "before the confirmation",
    "after the confirmation",
    "request under way",
    "answer in hand",
    "in the save, before the write",
    "saved",
    "before free",
    "after free",
)
"""In the order in which a renewal comes by. Before the request is sent is after the confirmation."""

POINTS_OF_REFRESH = (
    "before the announcement",
    "announced",
    "before it is sent",
    "in the host's file, not yet shared",
    "refresh token kept",
)
"""Those that there are besides where a connection has a refresh token to begin with."""

ANY = "any"
"""Each of them, at random."""

UNDER_WAY = 0.2
"""Seconds after which a token request that began is at the server, which the test lets take longer."""


class StopPoint:
    """Stops this process when it comes to ``point``, if the test has armed it and no other process was faster.

    :param point: one of ``POINTS`` or ``POINTS_OF_REFRESH``, or ``ANY``.
    :param folder: where the processes of a test meet: a file ``armed`` there, which the one that stops renames to
        ``stopped-<pid>``.
    :param clocks: those of this process that stand still meanwhile; None where they go on.
    """

    def __init__(self, folder: Path, point: str, clocks: ProcessClocks | None = None) -> None:
        self._clocks = clocks
        self._armed = folder / "armed"
        self._point = point
        self._looked = False
        self._claimed: bool | None = None

    def install(self) -> None:
        """Watch the steps that this process's renewals take."""
        from airflow_provider_orgauth.client import token_source

        renew = token_source.renew
        token_source.renew = lambda *args, **kwargs: self._watched(renew(*args, **kwargs))

    def before_write(self, key: str) -> None:
        """Note that a Variable is about to be written."""
        if "shared" in key:  # the text, not the key that it is sealed with
            self._reach("in the save, before the write")
        elif "refresh" in key:
            self._reach("in the host's file, not yet shared")

    def _watched(self, rule: Rule[Any]) -> Rule[Any]:
        """Take the steps of a rule, and come to the points before and after each."""
        outcome: Outcome = None
        while True:
            try:
                step = rule.send(outcome)
            except StopIteration as done:
                return done.value
            before, after = self._names(step)
            self._reach(before)
            if type(step).__name__ == "Send":
                self._reach("request under way", delay=UNDER_WAY)
            outcome = yield step
            self._reach(after)

    def _names(self, step: Any) -> tuple[str, str]:
        """Return the points before and after a step; empty where there is none."""
        match type(step).__name__:
            case "Lock":
                self._looked, self._claimed = False, None
            case "Load" | "ReadLease" if not self._looked:
                self._looked = True
                return "before the first look", "after the first look"
            case "ReadLease" if self._claimed:
                self._claimed = False
                return "before the confirmation", "after the confirmation"
            case "WriteSending":
                return "before the announcement", "announced"
            case "SaveRefreshToken":
                return "", "refresh token kept"
            case "WriteLease" if step.lease.holder is not None:
                self._claimed = True
                return "before the claim", "after the claim"
            case "WriteLease":
                return "before free", "after free"
            case "Send":
                return "before it is sent", "answer in hand"
            case "Save":
                return "", "saved"
        return "", ""

    def _reach(self, point: str, delay: float = 0.0) -> None:
        if not self._is_meant(point) or not self._armed.exists():
            return
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            self._armed.rename(self._armed.with_name(f"stopped-{os.getpid()}"))
            if delay:
                threading.Thread(target=self._stop, args=(delay,), daemon=True).start()
            else:
                self._stop(0.0)

    def _stop(self, delay: float) -> None:
        time.sleep(delay)
        began = from_boot()
        os.kill(os.getpid(), signal.SIGSTOP)
        if self._clocks is not None:
            self._clocks.stood_still += from_boot() - began

    def _is_meant(self, point: str) -> bool:
        return point == self._point or (self._point == ANY and point in POINTS and random.random() < 0.2)


def arm(folder: Path) -> None:
    """Let the next process that comes to its point stop."""
    (folder / "armed").touch()


def stopped(folder: Path) -> int | None:
    """Return the id of the process that stopped itself, or None."""
    return next((int(one.name.removeprefix("stopped-")) for one in folder.glob("stopped-*")), None)


def forget(folder: Path) -> None:
    """Forget who stopped, before another one may."""
    for one in folder.glob("stopped-*"):
        one.unlink()
