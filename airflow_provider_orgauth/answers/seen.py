"""What a wait has seen so far: for the task's log, and for the text of a timeout."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.verdict import Unmet

log = logging.getLogger(__name__)


class Seen:
    """What the looks of a wait have brought."""

    __slots__ = ("_answered", "_said", "last")

    def __init__(self) -> None:
        self.last: Unmet | None = None
        self._answered = ""
        self._said: object = None

    def add(self, unmet: Unmet) -> None:
        """Note what a look brought."""
        self.last = unmet
        if not unmet.is_error:
            self._answered = unmet.seen

    def is_told(self) -> bool:
        """Return whether the log says already what the last look brought."""
        return self.last is None or self.last.kind == self._said

    def tell(self, seconds: float) -> None:
        """Log what was seen, if it is something else than before, and in how many seconds the next look is."""
        if self.last is None or self.is_told():
            return
        self._said = self.last.kind
        if self.last.is_error:
            log.warning("%s The wait goes on; the next look is in %.0f s.", self.last.seen, seconds)
        else:
            log.info("Not yet: %s. The next look is in %.0f s.", self.last.seen, seconds)

    def as_sentences(self) -> str:
        """Return what was last seen, for the end of the text of a timeout; empty where nothing was."""
        said = f"The last answer was: {self._answered}." if self._answered else ""
        if self.last is not None and self.last.is_error:
            said += f"{' ' * bool(said)}The last look brought an error: {self.last.seen}"
        return said
