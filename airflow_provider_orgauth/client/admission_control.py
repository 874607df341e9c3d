"""Admission control: each attempt of a request waits until it may be sent, and reports how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


class RetryVerdict(Enum):
    """Whether a request is sent again, who waits before that, and whether the failed attempt counts."""

    AS_USUAL = "the retry policy waits, and counts the attempt"
    WAIT_FOR_ADMISSION = "admission control makes it wait; the attempt counts"
    UNCOUNTED = "admission control makes it wait; the attempt does not count"
    NO_MORE = "it is not sent again"


@dataclass(slots=True)  # not frozen: each request makes one
class AttemptOutcome:
    """How an attempt went, as far as admission control wants to know.

    :param status: of the answer; None where none came.
    :param timed_out: none came in time.
    :param headers: of the answer.
    :param seconds: from sending the request to the answer's headers; None where that says nothing about the server.
    :param requests: how many the server got: more than one, where a 401 was replayed with another token.
    """

    status: int | None = None
    timed_out: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: float | None = None
    requests: int = 1


class AdmissionControl(Protocol):
    """Lets attempts pass, from many threads."""

    def enter(self) -> int | None:
        """Return, when the attempt may be sent, what :meth:`leave` wants to have back; None: stopped while waiting."""

    def leave(self, entered: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Report how the attempt went. Called once for each that was let in."""
