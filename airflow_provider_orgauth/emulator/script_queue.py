"""Scripts that wait for the shipment or the job that will be created."""

from __future__ import annotations

from airflow_provider_orgauth.emulator.script import Steps


class ScriptQueue:
    """The scripts in the order in which they came; each is gone after its last use."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Steps, int]] = []

    def push(self, steps: Steps, times: int) -> None:
        """Append a script for so many of those that will be created; 0: for all."""
        self._waiting.append((steps, times))

    def take(self) -> Steps | None:
        """Return the script of what is created now, or None if none waits."""
        if not self._waiting:
            return None
        steps, times = self._waiting[0]
        if times == 1:
            del self._waiting[0]
        else:
            self._waiting[0] = (steps, max(0, times - 1))
        return steps

    def __len__(self) -> int:
        return len(self._waiting)

    def clear(self) -> None:
        """Drop the scripts that wait."""
        self._waiting.clear()
