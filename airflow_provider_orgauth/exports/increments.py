"""What came of an export since it was last told: for counters, which must not count a page twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Increments:
    """Tells each record, page and byte once, also where several attempts make one file.

    An attempt tells what it has saved, so that the next one does not come to it again. What is fetched twice, as no
    state of it was kept, is told twice.

    :param tell: called with how many more there are, by name; None: nobody wants to know.
    """

    def __init__(self, tell: Callable[..., object] | None = None) -> None:
        self._tell = tell
        self._told: Mapping[str, int] = {}

    def restart(self, told: Mapping[str, int] | None = None) -> None:
        """Begin after what earlier attempts have told; after nothing, where this one starts from the first page."""
        self._told = dict(told or {})

    def tell(self, so_far: Mapping[str, int]) -> None:
        """Tell what is more in ``so_far`` than was told before."""
        if self._tell is None or so_far == self._told:
            return
        more = {name: number - self._told.get(name, 0) for name, number in so_far.items()}
        self._told = dict(so_far)
        self._tell(**more)
