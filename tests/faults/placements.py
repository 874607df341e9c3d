"""Where the client's credentials and its token go, and which faults are tried there.

The first two are tried with every fault. The others differ in some of what a fault does to them: each names those.
Nothing here needs more than Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cells import Cell


@dataclass(frozen=True, kw_only=True)
class Placement:
    """A way to connect.

    :param extra: fields of the connection's extra.
    :param token_elsewhere: the token endpoint is on a server of its own.
    :param tls: both are reached over TLS, whatever the fault.
    :param what: for the documentation.
    :param why: why it is tried with these faults; for the documentation.
    :param faults: the names of the faults that it is tried with; None: all.
    """

    extra: Mapping[str, Any]
    token_elsewhere: bool = False
    tls: bool = False
    what: str = ""
    why: str = ""
    faults: frozenset[str] | None = field(default=None, repr=False)

    @property
    def signs(self) -> bool:
        """Whether the client signs an assertion."""
        return self.extra["client_auth"] == "private_key_jwt"

    @property
    def shows_certificate(self) -> bool:
        """Whether the client is known by its certificate."""
        return self.extra["client_auth"] == "tls_client_auth"

    @property
    def api_header(self) -> tuple[str, str]:
        """The header that carries the token to the API, in lower case, and what stands before the token."""
        name, _, scheme = self.extra.get("api_header", "Authorization: Bearer").partition(": ")
        return name.lower(), f"{scheme} " if scheme else ""

    def is_tried(self, cell: Cell, face: str) -> bool:
        """Tell whether a cell is run with it, by the hook or by the operator."""
        if self.faults is not None:
            # The operator has no part in how a request is placed; nor does it matter to what may be sent again: a GET
            # is enough.
            return face == "hook" and cell.call != "POST" and cell.fault.name in self.faults
        # How the token was asked for makes little difference once there is one: there, the hook is enough.
        return self is PLACEMENTS["query"] or face == "hook" or cell.at_token_endpoint


_TOKENS_LIFE = {
    "401 storm",
    "token expired in a retry wait",
    "token family revoked",
    "token revoked, no new one",
}
_SENT_AGAIN = {
    "connection refused",
    "reset before any answer",
    "answer lost",
    "truncated body",
    "429 with Retry-After, seconds",
    "503 with Retry-After, seconds",
    "502",
}
_TLS = {"certificate not trusted", "wrong host name", "TLS handshake broken off", "redirect from https to http"}

PLACEMENTS: Mapping[str, Placement] = {
    "header": Placement(extra={"client_auth": "header", "grant_params_in": "query"}),
    "query": Placement(extra={"client_auth": "params", "grant_params_in": "query"}),
    "elsewhere": Placement(
        extra={"client_auth": "params", "grant_params_in": "json", "api_header": "X-Api-Token"},
        token_elsewhere=True,
        what="the token endpoint on a server of its own, its parameters in a body of JSON; the token in `X-Api-Token`",
        why="which of the two servers is meant by an address, a certificate or a redirect; what a server that echoes "
        "a body or that header says; a 401 from another server than the one that gave the token",
        faults=frozenset(
            _TOKENS_LIFE
            | _TLS
            | {"connection refused", "DNS failure", "answer lost", "429 with Retry-After, seconds", "502", "407"}
            | {"HTML with 200", "500", "endless redirects", "redirect to another host"}
        ),
    ),
    "signed": Placement(
        extra={
            "client_auth": "private_key_jwt",
            "grant_params_in": "body",
            "api_header": "Authorization: Token",
            "oauth_jwt": {"kid": "of-the-matrix"},
            "oauth_params": {"account_secret": "9Jq-of-oauth-params-Lw3Zr7Xp5Vt"},
        },
        what="`private_key_jwt`, and a secret in `oauth_params`; the server takes a `jti` once, and an assertion "
        "only while it is valid by the server's clock; the token as `Authorization: Token`",
        why="what is sent again, or after a wait, needs an assertion of its own; what a server that echoes says",
        faults=frozenset(_TOKENS_LIFE | _SENT_AGAIN | {"HTML with 200", "500", "redirect to another host"}),
    ),
    "certificate": Placement(
        extra={"client_auth": "tls_client_auth", "grant_params_in": "body"},
        tls=True,
        what="`tls_client_auth`: both ask for the client's certificate, and there is no secret",
        why="what goes wrong in the handshake, and after it on a connection that has to be made again",
        faults=frozenset(_TLS | {"connection refused", "reset before any answer", "answer lost", "502", "401 storm"}),
    ),
}
