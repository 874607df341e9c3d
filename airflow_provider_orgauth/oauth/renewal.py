"""The token's life: use it, refresh it, or be granted a new one.

:func:`renew` is the whole rule as a generator. It yields what must be done next (:class:`Load`, :class:`Send`,
:class:`Save`), is sent the outcome, and returns a token or the reason why there is none. A driver with a socket, sync
or async, does as it is told; so the rule is written once and is tested without a server.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import TokenRequest, client_credentials_grant, refresh_grant
from airflow_provider_orgauth.oauth.token import Token


@dataclass(frozen=True, slots=True)
class Load:
    """Read the shared cache; send back its token, or None."""


@dataclass(frozen=True, slots=True)
class Save:
    """Write the token to the shared cache. It must be there before the token is used."""

    token: Token


@dataclass(frozen=True, slots=True)
class Send:
    """Send the token request; send back a token, a refusal, or what was lost.

    ``repeatable`` is False for a refresh: a server may have spent the refresh token even if its answer never came,
    so only a request that surely did not arrive may be sent again.
    """

    request: TokenRequest
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer came: the connection failed or timed out.

    :param message: what happened, without a URL's query.
    :param reached_server: False only where the server surely saw nothing of the request.
    :param cause: the network, which may be well later; a certificate that does not verify; or a request that cannot
        be sent at all.
    """

    message: str
    reached_server: bool
    cause: Literal["network", "certificate", "request"] = "network"

    @property
    def permanent(self) -> bool:
        """Tell whether trying again cannot help."""
        return self.cause != "network"


Step = Load | Save | Send
Outcome = Token | Refusal | Lost | None
Renewal = Generator[Step, Outcome, Token | Refusal | Lost]


def is_usable(token: Token | None, *, rejected: str | None, now: float, margin: float) -> bool:
    """Tell whether ``token`` can be sent: fresh, and not the access token that the API just rejected."""
    return token is not None and token.access_token != rejected and token.is_fresh(now, margin)


def renew(client: OAuthClient, *, margin: float, clock: Callable[[], float], rejected: str | None = None) -> Renewal:
    """Return a usable token by the cheapest way that works.

    :param rejected: an access token that the API answered with 401; any other fresh one will do.
    """

    def usable(token: Outcome) -> bool:
        found = token if isinstance(token, Token) else None
        return is_usable(found, rejected=rejected, now=clock(), margin=margin)

    shared = yield Load()
    if isinstance(shared, Token):
        if usable(shared):
            return shared
        if shared.can_refresh(clock()) and shared.refresh_token is not None:
            answer = yield Send(refresh_grant(client, shared.refresh_token), repeatable=False)
            if isinstance(answer, Token):
                token = shared.after_refresh(answer)
                yield Save(token)
                return token
            # Refused or lost is normal life: refresh tokens are single use, and someone may have been faster.
            newer = yield Load()
            if isinstance(newer, Token) and usable(newer):
                return newer
    answer = yield Send(client_credentials_grant(client), repeatable=True)
    if isinstance(answer, Token):
        yield Save(answer)
    assert answer is not None  # noqa: S101 - a driver answers Send with one of three things
    return answer
