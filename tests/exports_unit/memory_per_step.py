"""What each step of some work takes from memory: where one takes as much as all before it, the work is quadratic.

A copy of all that was read so far costs time as well, but a figure in bytes is the same on every machine.
"""

import tracemalloc


class MemoryPerStep:
    """``step`` is called between two steps; ``taken`` has the bytes that each took at its height."""

    def __enter__(self):
        tracemalloc.start()
        self.taken = []
        self._before = None
        return self

    def __exit__(self, *_):
        tracemalloc.stop()

    def step(self):
        now, peak = tracemalloc.get_traced_memory()
        if self._before is not None:
            self.taken.append(peak - self._before)
        tracemalloc.reset_peak()
        self._before = now
