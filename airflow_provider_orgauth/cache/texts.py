"""Somewhere a text is kept, and how its troubles are told: once per process, without quoting it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Protocol

log = logging.getLogger(__name__)

HIDDEN = "a secrets backend or an environment variable (AIRFLOW_VAR_…) hides it"

_warned: set[str] = set()


class TextStore(Protocol):
    """Somewhere a text is kept: an Airflow Variable, an XCom. It may raise whatever it likes."""

    description: str
    """What it is, for a warning: ``the Variable orgauth_shared_…``."""

    def read(self) -> Iterator[object]:
        """Yield what is there: nothing, one text, or several where several tasks wrote."""

    def write(self, text: str) -> None:
        """Put ``text`` there."""


def warn_once(description: str, message: str) -> None:
    """Say it once per process for each store: a warning for each of 10,000 calls would bury everything else."""
    if description not in _warned:
        _warned.add(description)
        log.warning("%s", message)


def forget_warnings() -> None:
    """Say everything anew, as a new process would. For tests."""
    _warned.clear()
