"""A store of one text. What goes wrong with it is logged once per process, without the text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Protocol

log = logging.getLogger(__name__)

SHADOWED = "a secrets backend or an environment variable (AIRFLOW_VAR_…) hides it"

WARNED: set[str] = set()
"""The stores of which this process has warned."""


class TextStore(Protocol):
    """Stores one text: in an Airflow Variable, in an XCom. Its methods may raise any exception."""

    description: str
    """What it is, for a warning: ``the Variable orgauth_shared_…``."""

    def read(self) -> Iterator[object]:
        """Yield the stored texts: none, one, or one of each task that wrote."""

    def write(self, text: str) -> None:
        """Store ``text``."""


def warn_once(description: str, message: str) -> None:
    """Log a warning once per process and store: one for each of 10,000 calls would bury everything else."""
    if description not in WARNED:
        WARNED.add(description)
        log.warning("%s", message)
