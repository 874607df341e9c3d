"""What the rules of a token's life ask of a driver, one step at a time, and what can come of it.

The rules (:mod:`~.renewal`, :mod:`~.lease`) are generators: they yield a step and are sent its outcome. A driver with a
socket and a clock, sync or async, carries it out; so the rules are written once and are tested without a server.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.grants import TokenRequest
from airflow_provider_orgauth.oauth.token import Token

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lock:
    """Keep this host's other processes away until the rule ends; send back None if one of them is in, else True.

    :param wait: seconds that may pass first.
    """

    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """Read the shared cache; send back its token, or None."""


@dataclass(frozen=True, slots=True)
class Save:
    """Write the token to the shared cache, unless one of its generation or a newer one is there.

    Send back the one that is there then, without its refresh token unless this process has to keep that. The token must
    be there before it is used.
    """

    token: Token


@dataclass(frozen=True, slots=True)
class TakeRefreshToken:
    """Take the refresh token that came with ``of`` from where it is kept; send back the token with it, or None.

    Of all processes that ask, one gets it, so that it is sent once. One that came with another token is thrown away.
    """

    of: Token


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One of the refresh tokens that descend from the one that a connection gives to begin with.

    :param text: opaque.
    :param generation: how many came before it; the one to begin with has 0.
    :param claim: the name of the claim under which it was got, where that is known.
    """

    text: str = field(repr=False)
    generation: int = 0
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class LoadRefreshToken:
    """Read which refresh token is the newest; send back that, or as :class:`Lost` why it cannot be known."""


@dataclass(frozen=True, slots=True)
class SaveRefreshToken:
    """Keep the refresh token, which replaces the one that was sent, where all hosts read it; send back None.

    It must be there before anything else is done: no other copy exists. What fails is logged, and tried again.
    """

    refresh_token: RefreshToken


@dataclass(frozen=True, slots=True)
class Send:
    """Send the token request; send back a token, a refusal, or what was lost.

    ``request`` makes it, given epoch seconds by the server's clock: anew for each attempt, because what is signed in it
    may be sent once.

    ``repeatable`` is False for a refresh: a server may have spent the refresh token even if its answer never came,
    so only a request that surely did not arrive may be sent again.

    Between two attempts another process may have shared a token; then that is sent back. It has a generation, and an
    answer has none yet.
    """

    request: Callable[[float], TokenRequest]
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer came: the connection failed or timed out.

    :param message: what happened, without a URL's query.
    :param reached_server: False only where the server surely saw nothing of the request.
    :param cause: the network, which may be well later; a certificate that does not verify; a proxy that refuses; a
        request that cannot be sent at all; or, where a refresh token must not be sent twice, what hosts share: they
        cannot agree now, and ``message`` says why.
    :param proxy_status: of a proxy's answer to CONNECT, where it did not let the request through.
    """

    message: str
    reached_server: bool
    cause: Literal["network", "certificate", "proxy", "request", "store"] = "network"
    proxy_status: int | None = None

    @property
    def permanent(self) -> bool:
        """Return whether trying again cannot help."""
        return self.cause not in ("network", "store")


@dataclass(frozen=True, slots=True)
class Lease:
    """What hosts tell each other before they renew a token; see :mod:`~.lease`.

    :param holder: a unique name for the claim of the process that renews the token; None while none does.
    :param renewed: the mark of the token that was there when the last holder was done; None if there was none.
    :param generation: of the token that the holder asks for, or that was renewed; 0 where none is said.
    """

    holder: str | None = None
    renewed: str | None = None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class ReadLease:
    """Read the lease; send back what is there (an empty :class:`Lease` for nothing), or None if it cannot be read."""


@dataclass(frozen=True, slots=True)
class WriteLease:
    """Write the lease; send back True if that surely worked, else None."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class ReadSending:
    """Read who sends, or sent last, a refresh token that nobody else may send; send back what :class:`ReadLease` does.

    The lease's generation is that of the refresh token.
    """


@dataclass(frozen=True, slots=True)
class WriteSending:
    """Write that ``lease.holder`` is about to send the refresh token; send back True if that surely worked."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class ReadSent:
    """Read whose request came to its end last; send back what :class:`ReadLease` does."""


@dataclass(frozen=True, slots=True)
class WriteSent:
    """Write that the request of ``lease.holder`` has come to its end, and what came of it is kept."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class Wait:
    """Let ``seconds`` pass; send back None."""

    seconds: float


OfRefreshToken = LoadRefreshToken | SaveRefreshToken | ReadSending | WriteSending | ReadSent | WriteSent
Step = Lock | Load | Save | TakeRefreshToken | OfRefreshToken | Send | ReadLease | WriteLease | Wait
Outcome = Literal[True] | Token | RefreshToken | Refusal | Lost | Lease | None
Rule = Generator[Step, Outcome, T]
