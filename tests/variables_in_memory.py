"""What stands for Airflow's Variables where a test runs in one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class VariablesInMemory:
    """Has the methods of Airflow's ``Variable`` that the provider calls.

    :ivar texts: by key; a test may change them.
    :ivar before: called with ``get`` or ``set`` and the key; what it raises is what the method raises.
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.before: Callable[[str, str], object] = lambda method, key: None

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value, or ``default``."""
        self.before("get", key)
        return self.texts.get(key, default)

    def set(self, key: str, value: str, description: str | None = None) -> None:
        """Put ``value`` there."""
        self.before("set", key)
        self.texts[key] = value

    def of(self, what: str) -> str | None:
        """Return the text of the one Variable whose key begins with ``orgauth_<what>_``; None where there is none."""
        return next((text for key, text in self.texts.items() if key.startswith(f"orgauth_{what}_")), None)
