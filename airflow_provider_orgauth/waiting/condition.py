"""What an answer means for a wait: not yet, met, or failed. The one rule for whoever waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from airflow_provider_orgauth.waiting.looked_at import looked_at

Handler = str | Callable[..., Any]
"""A JMESPath expression over the answer, or a function that takes it."""

Test = frozenset[int] | Handler
"""Status codes of which the answer has one; or a handler whose outcome is true: not false, null, empty or 0."""


class Answer(Protocol):
    """An answer, as far as the rule looks at it."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    def found(self, handler: Handler, argument: str) -> Any:
        """Return what an expression finds in it, or a function makes of it; ``argument`` is its name for an error."""

    def shown(self, expression: str) -> str:
        """Return what an expression finds in it as a short text for a log, without credentials."""

    def result(self, value: Handler | None) -> Any:
        """Return what the wait returns of it, without credentials."""

    def message(self) -> str:
        """Return its own words, where it says that something went wrong: redacted and cut; else an empty text."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet: look again.

    :param seen: what the answer showed, on one line: ``200, status = "RUN"``.
    """

    seen: str


@dataclass(frozen=True, slots=True)
class Met:
    """What was waited for is there.

    :param value: what the wait returns.
    :param seen: as of :class:`Waiting`.
    """

    value: Any
    seen: str


@dataclass(frozen=True, slots=True)
class Failed:
    """What was waited for has failed, and will not come.

    :param message: why, in the answer's own words, on one line; empty where it has none.
    :param seen: as of :class:`Waiting`.
    """

    message: str
    seen: str


@dataclass(frozen=True, slots=True)
class Condition:
    """When a wait ends. ``fail_if`` is asked first, then ``waiting_statuses``, then ``until``.

    Expressions and functions are asked of an answer that is no error, for an error's body is not what they are
    written for. Of one with an error status, only the status counts, and its value is None.

    :param until: it is there.
    :param fail_if: it has failed.
    :param value: what to return of the answer that has it; None: all of it.
    :param waiting_statuses: it is not there yet, whatever else the answer says.
    """

    until: Test
    fail_if: Test | None = None
    value: Handler | None = None
    waiting_statuses: frozenset[int] = frozenset()

    @property
    def statuses(self) -> frozenset[int]:
        """Those that are named: an answer with one of these is judged, also where it is an error."""
        return self.waiting_statuses.union(
            *(test for test in (self.until, self.fail_if) if isinstance(test, frozenset))
        )

    @property
    def has_function(self) -> bool:
        """Whether a function takes part: what it finds may change while the answer does not."""
        return any(callable(one) for one in (self.until, self.fail_if)) or (
            callable(self.value) and self.value is not left_to_worker
        )

    def judge(self, answer: Answer) -> Waiting | Met | Failed:
        """Return what an answer means.

        :param answer: one that is no error, or whose status is named.
        """
        if self.fail_if is not None and _holds(self.fail_if, answer, "fail_if"):
            return Failed(answer.message(), self._seen(answer, self.fail_if))
        if answer.status in self.waiting_statuses or not _holds(self.until, answer, "until"):
            return Waiting(self._seen(answer, self.until))
        value = answer.result(self.value) if is_success(answer.status) else None
        return Met(value, self._seen(answer, self.until))

    def _seen(self, answer: Answer, test: Test) -> str:
        if not isinstance(test, str) or not is_success(answer.status):
            return str(answer.status)
        return ", ".join([str(answer.status), *(f"{name} = {answer.shown(name)}" for name in looked_at(test))])


def left_to_worker(response: Any) -> None:
    """Stand for a value that the worker works out, of an answer of its own: the triggerer has no context for it."""


def is_success(status: int) -> bool:
    """Return whether an answer with this status is no error: 2xx, and 304, which says that nothing changed."""
    return 200 <= status < 300 or status == 304


def _holds(test: Test, answer: Answer, argument: str) -> bool:
    if isinstance(test, frozenset):
        return answer.status in test
    return is_success(answer.status) and bool(answer.found(test, argument))
