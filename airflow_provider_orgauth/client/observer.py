"""What is told of requests and tokens while they are at work: for metrics, traces, or a record of a connection's state.

The client has no more than this class, and knows nothing of where the facts go. ``None`` in an observer's place is
the usual case, and costs one look at an attribute.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Literal

Wait = Literal["backoff", "retry_after", "throttle", "rate_limit"]
"""Why a request waits: before a further attempt, for a random time or as long as the server asks; together with the
other requests of a list, as the server is busy; or for its turn in the connection's requests per minute."""


@dataclass(frozen=True, slots=True)
class TokenRequestEnd:
    """One request to the token endpoint, and what came of it. No part of it is secret.

    :param url: of the token endpoint, without its query.
    :param grant: its ``grant_type``, such as ``client_credentials`` or ``refresh_token``.
    :param outcome: ``granted``; a :class:`~.oauth.answers.Reason`, such as ``invalid_client``; or ``lost``, where no
        answer came.
    :param seconds: from sending it to having read the answer.
    :param status: of the answer; None where none came.
    :param issued_at: epoch seconds by the server's clock; None where there is no token, as in the rest.
    :param lifetime: of the access token, in seconds.
    :param has_refresh_token: whether a refresh token came with it.
    """

    url: str
    grant: str
    outcome: str
    seconds: float
    status: int | None = None
    issued_at: float | None = None
    lifetime: float | None = None
    has_refresh_token: bool | None = None


class Observer:
    """Is told of what happens, and makes nothing of it: a subclass overrides what it wants to know.

    The methods return at once, raise nothing, and may be called by any thread.
    """

    def sending(self, method: str, url: str, headers: MutableMapping[str, Any], *, resends: int) -> Any:
        """Be told that an API request is about to be sent; return what :meth:`sent` is to have back.

        :param url: with its query, which may hold secrets.
        :param headers: to which some may be added; those that are there hold secrets.
        :param resends: how often the request was sent before.
        """

    def sent(
        self, began: Any, headers: MutableMapping[str, Any], *, status: int | None, error: type[BaseException] | None
    ) -> None:
        """Be told of the head of the answer, or that none came; take off the headers that :meth:`sending` added.

        :param began: what :meth:`sending` returned.
        :param error: the class that says why none came; None where one did.
        """

    def token_requested(self, end: TokenRequestEnd) -> None:
        """Be told of a request to the token endpoint."""

    def retrying(self, of: Literal["api", "token"], *, status: int | None, wait: Wait | None, seconds: float) -> None:
        """Be told that a request is sent again.

        :param status: of the answer before; None where none came.
        :param wait: why it waits first; None where admission control makes it wait.
        :param seconds: how long.
        """

    def waiting(self, wait: Wait, seconds: float) -> None:
        """Be told of a wait that no retry is the reason of."""

    def replaying(self) -> None:
        """Be told that a request is sent again after a 401, with another token."""

    def token_looked_for(self, *, found: bool) -> None:
        """Be told whether a process that had no token to send found one that another had shared, or had to ask."""

    def lease_sought(self, entry: str) -> None:
        """Be told how the wait for the lease ended: the name of an :class:`~.oauth.lease.Entry`, in lower case."""

    def exported(self, *, files: int = 0, records: int = 0, pages: int = 0, size: int = 0) -> None:
        """Be told of what came to a file since this was last told.

        :param files: 1 where it is complete.
        :param records: none, as of ``pages``, of a file that is one answer's bytes.
        :param size: in bytes.
        """

    def waits(self, number: int) -> None:
        """Be told how many waits this triggerer has for the connection."""
