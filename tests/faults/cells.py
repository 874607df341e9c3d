"""The fault matrix as data: what a server may do, to which request, and what the client makes of it.

The expectations follow from the rules in ``docs/hook.md`` and ``docs/token-life.md``, not from what the code does:
``test_matrix.py`` holds the code to them, and ``docs/faults.md`` shows them. Nothing here needs more than Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

ATTEMPTS = 3
"""``max_attempts`` of the connection."""

Call = Literal["grant", "refresh", "GET", "POST"]
Span = Literal["once", "for good"]
Again = Literal["any request", "safe requests", "none"]

TOKEN_ENDPOINT: tuple[Call, ...] = ("grant", "refresh")
API: tuple[Call, ...] = ("GET", "POST")
SAFE: tuple[Call, ...] = ("grant", "GET")
"""May be repeated without harm. A refresh token is single use, and a POST may be done twice."""

FACES = ("hook", "operator")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What comes of one call.

    :param error: the name of the error; empty if the call succeeds.
    :param says: a pattern that the error's text has to match.
    :param requests: how many the place of the fault sees, or would see if the network let them through.
    :param waits: how often the client waits before it tries again.
    :param renewals: token requests where the fault is at the API.
    :param result: what a call that succeeds returns: the list that was asked for, the answer's ``text`` or ``none``.
    """

    error: str = ""
    says: str = ""
    requests: int = 1
    waits: int = 0
    renewals: int = 0
    result: Literal["list", "text", "none"] = "list"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong.

    :param name: also the name of what does it, in ``acts.py`` or ``lines.py``.
    :param what: for the documentation.
    :param again: which requests may be sent again after it.
    :param token: the error's name and a pattern for its text, at the token endpoint.
    :param api: the same, at the API.
    :param wait: seconds that each wait takes, from and to; None: whatever the backoff is.
    :param spans: whether it hits the first request only, or all.
    :param calls: which requests it is tried on.
    :param special: outcomes that do not follow from ``again``.
    :param reaches: whether the server gets to see the requests.
    :param tls: whether it needs TLS.
    :param slow: whether it takes the client's whole timeout.
    """

    name: str
    what: str
    again: Again
    token: tuple[str, str] = ("", "")
    api: tuple[str, str] = ("", "")
    wait: tuple[float, float] | None = None
    spans: tuple[Span, ...] = ("once", "for good")
    calls: tuple[Call, ...] = TOKEN_ENDPOINT + API
    special: Mapping[tuple[Call, Span], Outcome] = field(default_factory=dict)
    reaches: bool = True
    tls: bool = False
    slow: bool = False


@dataclass(frozen=True)
class Cell:
    """One fault, one request, and whether it lasts."""

    fault: Fault
    call: Call
    span: Span
    outcome: Outcome

    @property
    def at_token_endpoint(self) -> bool:
        return self.call in TOKEN_ENDPOINT

    @property
    def name(self) -> str:
        return f"{self.fault.name}, {self.call}, {self.span}"


def cells() -> Iterator[Cell]:
    """Yield the matrix."""
    for fault in FAULTS:
        for call in fault.calls:
            for span in fault.spans:
                outcome = fault.special.get((call, span)) or _outcome(fault, call, span)
                yield Cell(fault, call, span, outcome)


def _outcome(fault: Fault, call: Call, span: Span) -> Outcome:
    """Apply the rule of resending."""
    error, says = fault.token if call in TOKEN_ENDPOINT else fault.api
    again = fault.again == "any request" or (fault.again == "safe requests" and call in SAFE)
    attempts = ATTEMPTS if again else 1
    if span == "once":
        if again:
            return Outcome(requests=2, waits=1)
        # Whatever became of the refresh, client credentials work.
        return Outcome(requests=2) if call == "refresh" else Outcome(error=error, says=says)
    if call == "refresh":
        grants = 1 if fault.again == "none" else ATTEMPTS
        return Outcome(error=error, says=says, requests=attempts + grants, waits=attempts - 1 + grants - 1)
    return Outcome(error=error, says=says, requests=attempts, waits=attempts - 1)


def _unreachable(says: str) -> dict[str, tuple[str, str]]:
    return {"token": ("TokenUnavailableError", says), "api": ("ApiConnectionError", says)}


def _status(status: int, *, api: str = "ApiServerError") -> dict[str, tuple[str, str]]:
    return {"token": ("TokenUnavailableError", f"answered {status}"), "api": (api, f"answered {status}")}


_BROKE_OFF = _unreachable("broke off|closed the connection")
_IN_TIME = _unreachable(r"no answer within 0\.\d s")
_BUSY = {429: ("any request", "ApiRateLimitedError"), 503: ("safe requests", "ApiServerError")}

_NETWORK = (
    Fault(
        name="connection refused",
        what="nobody listens at the server's address",
        again="any request",
        reaches=False,
        **_unreachable("refused"),
    ),
    Fault(
        name="reset before the body",
        what="sends the head of an answer, then resets the connection",
        again="safe requests",
        **_BROKE_OFF,
    ),
    Fault(
        name="reset in the middle of the body",
        what="does what was asked, sends half of the answer, then resets the connection",
        again="safe requests",
        **_BROKE_OFF,
    ),
    Fault(
        name="truncated body",
        what="does what was asked, sends half of the answer, then closes",
        again="safe requests",
        **_BROKE_OFF,
    ),
    Fault(
        name="stalled body",
        what="does what was asked, sends half of the answer, then nothing",
        again="safe requests",
        slow=True,
        **_IN_TIME,
    ),
)

FAULTS: tuple[Fault, ...] = _NETWORK
