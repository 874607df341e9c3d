"""What a call pays for its token when there is one: the check, the signature, and the session around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from timeit import Timer
from typing import Any

import requests
from figures import Figures, Spread
from requests.adapters import BaseAdapter
from workplace import PROFILE, cold_hook, emulator

ROUNDS, CHECKS, SESSION_CALLS = 7, 20_000, 500
CHECK, SIGN, PLAIN = "OrgAuthHook.get_access_token()", "BearerAuth signs a request", "headers[...] = 'Bearer ...'"
OURS, PEER = "OrgSession.get", "requests.Session.get"


def measure(root: Path) -> Figures:
    """Time loops by turns; a session's calls end in an adapter that answers at once, without a socket."""
    with emulator(root, "warm") as api:
        hook = cold_hook()
        token = hook.get_access_token()
        session, bare = hook.get_conn(), requests.Session()
    bare.headers["Authorization"] = f"Bearer {token}"
    for one in (session, bare):
        one.mount("http://", _AtOnce())
    request = requests.Request("GET", f"{api.url}{PROFILE}").prepare()
    auth, header = hook.auth, f"Bearer {token}"

    def assign() -> None:
        request.headers["Authorization"] = header

    loops: dict[str, tuple[Callable[[], Any], int]] = {
        CHECK: (hook.get_access_token, CHECKS),
        SIGN: (lambda: auth(request), CHECKS),
        PLAIN: (assign, CHECKS),
        OURS: (lambda: session.get(PROFILE), SESSION_CALLS),
        PEER: (lambda: bare.get(f"{api.url}{PROFILE}", timeout=30), SESSION_CALLS),
    }
    micros: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(ROUNDS):
        for name, (function, times) in loops.items():
            micros[name].append(Timer(function).timeit(times) / times * 1e6)
    spreads = {name: Spread.of(values) for name, values in micros.items()}
    return Figures(
        "The renewal check on a warm token, in µs per call: median (lowest to highest)",
        ("step", "µs"),
        list(spreads.items()),
        [f"The last two rows are whole calls without a socket; {ROUNDS} rounds by turns."],
        {
            f"{SIGN} / {PLAIN}": spreads[SIGN].median / spreads[PLAIN].median,
            f"{OURS} / {PEER}": spreads[OURS].median / spreads[PEER].median,
        },
    )


class _AtOnce(BaseAdapter):
    """Answers every request with an empty 200."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return the answer."""
        response = requests.Response()
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        response._content = b""
        return response

    def close(self) -> None:
        """Hold nothing open."""
