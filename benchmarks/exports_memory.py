"""The peak of this process's resident memory above where it was, in bytes."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Self

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_SAMPLE_SECONDS = 0.002


class PeakMemory:
    """A context manager; `above_idle` is known when it was left.

    Linux keeps the peak itself and lets it be set back: that costs nothing. Elsewhere, and where it is forbidden, a
    thread looks every 2 ms: that costs a little, and may miss a short peak.
    """

    above_idle: int

    def __enter__(self) -> Self:
        gc.collect()
        self._kept = _set_back()
        self._ended = threading.Event()
        self._highest = self._idle = _resident()
        if not self._kept:
            self._sampler = threading.Thread(target=self._sample, daemon=True)
            self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._kept:
            self._highest = _status("VmHWM")
        else:
            self._ended.set()
            self._sampler.join()
        self.above_idle = max(0, self._highest - self._idle)

    @property
    def how(self) -> str:
        """How it was measured."""
        return "VmHWM" if self._kept else "sampled"

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self._highest = max(self._highest, _resident())


def _set_back() -> bool:
    """Let Linux forget the peak; return whether it did."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return False
    # A sandbox may take the order and not follow it: then the peak of the imports would hide the export's.
    return _status("VmHWM") - _status("VmRSS") < 1 << 20


def _resident() -> int:
    if _STATUS.exists():
        return _status("VmRSS")
    import psutil

    return int(psutil.Process().memory_info().rss)


def _status(name: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
