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

Result = Literal["list", "text", "none", "no text"]
TOKEN_ENDPOINT: tuple[Call, ...] = ("grant", "refresh")
API: tuple[Call, ...] = ("GET", "POST")
SPANS: tuple[Span, ...] = ("once", "for good")
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
    :param refreshes: how many requests with a refresh token the server sees.
    :param result: what a call that succeeds returns: the list that was asked for, the answer's ``text`` or ``none``;
        ``no text``: the hook gives the answer as it is, the operator refuses to read it.
    """

    error: str = ""
    says: str = ""
    requests: int = 1
    waits: int = 0
    renewals: int = 0
    refreshes: int = 0
    result: Result = "list"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong.

    :param name: also the name of what does it, in ``acts.py`` or ``rig.py``.
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
    :param lifetime: seconds that tokens live.
    :param slow: whether it takes the client's whole timeout.
    """

    name: str
    what: str
    again: Again
    token: tuple[str, str] = ("", "")
    api: tuple[str, str] = ("", "")
    wait: tuple[float, float] | None = None
    spans: tuple[Span, ...] = SPANS
    calls: tuple[Call, ...] = TOKEN_ENDPOINT + API
    special: Mapping[tuple[Call, Span], Outcome] = field(default_factory=dict)
    reaches: bool = True
    tls: bool = False
    lifetime: int = 300
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
    if call == "refresh":
        # Whatever became of the refresh, client credentials are tried next.
        if span == "once":
            return Outcome(requests=2, waits=attempts > 1, refreshes=_arriving(fault, min(attempts, 2), healed=again))
        grants = 1 if fault.again == "none" else ATTEMPTS
        return Outcome(
            error=error,
            says=says,
            requests=attempts + grants,
            waits=attempts - 1 + grants - 1,
            refreshes=_arriving(fault, attempts),
        )
    if span == "once" and again:
        return Outcome(requests=2, waits=1)
    return Outcome(error=error, says=says, requests=attempts, waits=attempts - 1)


def _arriving(fault: Fault, sent: int, *, healed: bool = False) -> int:
    return sent if fault.reaches else int(healed)


def _unreachable(says: str) -> dict[str, tuple[str, str]]:
    return {"token": ("TokenUnavailableError", says), "api": ("ApiConnectionError", says)}


def _busy(status: int, how: str, wait: tuple[float, float] | None) -> Fault:
    api = "ApiServerError" if status == 503 else "ApiRateLimitedError"
    says = f"answered {status}" if wait else rf"answered {status}.* asks to wait until [\d :-]+ UTC"
    # 429 says that nothing was done, and so does a 403 for a rate limit; after 503 something may have been.
    again: Again = "safe requests" if status == 503 else "any request"
    return Fault(
        name=f"{status} with Retry-After, {how}",
        what=f"answers {status}, with `Retry-After` as {how}",
        # A day is longer than anybody holds a task for.
        again=again if wait else "none",
        token=("TokenUnavailableError", says),
        api=(api, says),
        wait=wait,
    )


def _limit(how: str, status: int) -> Fault:
    return Fault(
        name=f"rate limit, {how}",
        what=f"answers {status}, and in `{how}` that nothing remains for seven seconds",
        again="any request",
        token=("TokenUnavailableError", f"answered {status}"),
        api=("ApiRateLimitedError", f"answered {status}"),
        # A time in whole seconds may be one less by the time it is read.
        wait=(6, 9),
    )


def _error(status: int, again: Again) -> Fault:
    return Fault(
        name=str(status),
        what=f"answers {status}",
        again=again,
        token=("TokenUnavailableError", f"answered {status}"),
        api=("ApiServerError" if status >= 500 else "ApiError", f"answered {status}"),
    )


def _passes(result: Result) -> dict[tuple[Call, Span], Outcome]:
    """At the API that is an answer like any other."""
    return {(call, span): Outcome(result=result) for call in API for span in SPANS}


def _at_api(once: Outcome, for_good: Outcome) -> dict[tuple[Call, Span], Outcome]:
    return {(call, span): outcome for call in API for span, outcome in (("once", once), ("for good", for_good))}


_BROKE_OFF = _unreachable("broke off|closed the connection")
_IN_TIME = _unreachable(r"no answer within [\d.]+ s")
_TRICKLES = {**_IN_TIME, "api": ("ApiConnectionError", r"trickles, fewer than 1,024 bytes within [\d.]+ s")}
_CERTIFICATE = ("CertificateError", "certificate does not verify")
_FOREIGN = ("ForeignOriginError", "leads to http://")
_REFRESHED_TOO_LATE: dict[tuple[Call, Span], Outcome] = {("refresh", "once"): Outcome(requests=3, waits=1, refreshes=2)}

FAULTS: tuple[Fault, ...] = (
    Fault(
        name="connection refused",
        what="nobody listens at the server's address",
        again="any request",
        reaches=False,
        **_unreachable("refused"),
    ),
    Fault(
        name="DNS failure",
        what="the server's name does not resolve",
        again="any request",
        reaches=False,
        **_unreachable("does not resolve"),
    ),
    Fault(
        name="certificate not trusted",
        what="the certificate is signed by an authority that is not in the bundle",
        again="none",
        token=_CERTIFICATE,
        api=_CERTIFICATE,
        spans=("for good",),
        reaches=False,
        tls=True,
    ),
    Fault(
        name="wrong host name",
        what="the certificate is signed by the right authority, for another host",
        again="none",
        token=("CertificateError", "does not verify: .*127.0.0.1"),
        api=("CertificateError", "does not verify: .*127.0.0.1"),
        spans=("for good",),
        reaches=False,
        tls=True,
    ),
    Fault(
        name="TLS handshake broken off",
        what="closes the connection where its half of the handshake is due",
        again="safe requests",
        reaches=False,
        tls=True,
        **_unreachable("TLS handshake|closed the connection"),
    ),
    Fault(
        name="reset before any answer",
        what="reads the request, then resets the connection",
        again="safe requests",
        **_BROKE_OFF,
    ),
    Fault(
        name="answer lost",
        what="does what was asked (a refresh token is spent then), and resets the connection without an answer",
        again="safe requests",
        **_BROKE_OFF,
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
    Fault(name="stalled head", what="reads the request and says nothing", again="safe requests", slow=True, **_IN_TIME),
    Fault(
        name="stalled body",
        what="does what was asked, sends half of the answer, then nothing",
        again="safe requests",
        slow=True,
        **_unreachable(r"no answer within [\d.]+ s|trickles"),
    ),
    Fault(
        name="slow drip of headers",
        what="sends a header byte by byte, each within the timeout",
        again="safe requests",
        slow=True,
        **_IN_TIME,
    ),
    Fault(
        name="slow drip of the body",
        what="sends a body byte by byte, each within the timeout",
        again="safe requests",
        slow=True,
        **_TRICKLES,
    ),
    Fault(
        name="endless 100 Continue",
        what="sends one `100 Continue` after the other",
        again="safe requests",
        slow=True,
        **_IN_TIME,
    ),
    Fault(
        name="endless headers",
        what="sends header after header as fast as it can",
        again="safe requests",
        **_unreachable("not valid HTTP"),
    ),
    Fault(
        name="endless body",
        what="sends a body without end as fast as it can",
        again="none",
        token=("TokenResponseError", "longer than 64 KiB"),
        api=("ResponseTooLargeError", "larger than"),
    ),
    Fault(
        name="gzip bomb",
        what="sends a small body that unpacks to more than is held in memory",
        again="none",
        token=("TokenResponseError", "longer than 64 KiB"),
        api=("ResponseTooLargeError", "larger than"),
    ),
    *(
        _busy(status, how, wait)
        for status in (429, 503)
        for how, wait in (("seconds", (7, 8)), ("a date", (3, 9)), ("nonsense", (0, 1)), ("a day", None))
    ),
    _busy(403, "seconds", (7, 8)),
    _limit("X-RateLimit-Reset", 403),
    _limit("X-Rate-Limit-Reset-Minute", 429),
    _limit("RateLimit", 429),
    _error(408, "safe requests"),
    _error(425, "any request"),
    _error(500, "none"),
    _error(502, "safe requests"),
    _error(504, "safe requests"),
    _error(520, "safe requests"),
    Fault(
        name="407",
        what="answers 407: over http, that is a proxy in its place",
        again="none",
        token=("ProxyRefusedError", "A proxy on the way wants credentials .*the token endpoint .*HTTP_PROXY"),
        api=("ProxyRefusedError", "A proxy on the way wants credentials .*HTTP_PROXY"),
    ),
    Fault(
        name="HTML with 200",
        what="answers 200 with a page of HTML",
        again="none",
        token=("TokenResponseError", "HTML page"),
        special=_passes("text"),
    ),
    Fault(
        name="empty with 200",
        what="answers 200 with an empty body",
        again="none",
        token=("TokenResponseError", "the answer is empty"),
        special=_passes("none"),
    ),
    Fault(
        name="unknown charset",
        what="names a charset that nobody knows; the JSON is UTF-8 as it should be",
        again="none",
        special=_passes("list")
        | {("grant", span): Outcome() for span in SPANS}
        | {("refresh", span): Outcome(refreshes=1) for span in SPANS},
    ),
    Fault(
        name="wrong charset",
        what="says UTF-8 and sends a text in Latin-1 among the JSON",
        again="none",
        token=("TokenResponseError", "not JSON"),
        special=_passes("no text"),
    ),
    Fault(
        name="endless redirects",
        what="redirects to the same URL, over and over",
        again="none",
        token=("TokenEndpointError", "redirect"),
        special=_at_api(Outcome(requests=2), Outcome(error="ApiConnectionError", says="redirects", requests=31)),
    ),
    Fault(
        name="redirect to another host",
        what="redirects to a host of another name, which listens",
        again="none",
        token=("TokenEndpointError", "set Server address to localhost"),
        api=_FOREIGN,
    ),
    Fault(
        name="redirect from https to http",
        what="redirects to the same host without TLS",
        again="none",
        token=("TokenEndpointError", "a redirect to http://"),
        api=_FOREIGN,
        tls=True,
    ),
    Fault(
        name="401 storm",
        what="answers 401, to new tokens too",
        again="none",
        token=("InvalidClientError", "answered 401"),
        special=_at_api(
            Outcome(requests=2, renewals=1, refreshes=1),
            Outcome(error="ApiUnauthorizedError", says="answered 401", requests=2, renewals=1, refreshes=1),
        ),
    ),
    Fault(
        name="token expired in a retry wait",
        what="answers 429 and has the client wait for longer than its tokens live",
        again="any request",
        wait=(50, 51),
        lifetime=40,
        spans=("once",),
        calls=("refresh", "GET", "POST"),
        special={
            **{(call, "once"): Outcome(requests=2, waits=1, renewals=1) for call in API},
            **_REFRESHED_TOO_LATE,
        },
    ),
    Fault(
        name="token family revoked",
        what="has revoked the access token, the refresh token and all that came from their grant",
        again="none",
        spans=("once",),
        calls=("refresh", "GET", "POST"),
        special={
            ("refresh", "once"): Outcome(requests=2, refreshes=1),
            **{(call, "once"): Outcome(requests=2, renewals=2, refreshes=1) for call in API},
        },
    ),
    Fault(
        name="token revoked, no new one",
        what="has revoked the access token, and the token endpoint answers 503",
        again="none",
        calls=API,
        special=_at_api(
            Outcome(requests=2, renewals=2, refreshes=1),
            Outcome(
                error="TokenUnavailableError",
                says="answered 503",
                renewals=1 + ATTEMPTS,
                refreshes=1,
                waits=ATTEMPTS - 1,
            ),
        ),
    ),
)
