"""An access token and how long it may be used (RFC 6749 section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

AHEAD_FRACTION = 0.1
"""The part of a lifetime in which a token is renewed ahead of time."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token answer, with its lifetime in the server's time, so that hosts can share it whatever their clocks say.

    :param access_token: opaque; sent as ``Authorization: Bearer …`` and never parsed.
    :param issued_at: epoch seconds by the server's clock, of the moment *before* the request was sent: a slow answer
        makes a token older, never younger than it is.
    :param lifetime: seconds from ``issued_at`` for which the server promised the token.
    :param refresh_token: opaque, or None where the server gave none.
    :param refresh_lifetime: seconds from ``issued_at``; None means "as long as the access token", which is what
        the Organization API documents.
    :param generation: grows from one token of a client to the next, in all processes; 0 in an answer that has no
        number yet. See :mod:`~.generation`.
    :param refresh_generation: of the refresh token that is the newest since this answer, where a connection gives one
        to begin with; 0 is that one.
    """

    access_token: str = field(repr=False)
    issued_at: float
    lifetime: float
    refresh_token: str | None = field(default=None, repr=False)
    refresh_lifetime: float | None = None
    generation: int = 0
    refresh_generation: int = 0

    @property
    def expires_at(self) -> float:
        """Epoch seconds at which the server stops honouring the access token."""
        return self.issued_at + self.lifetime

    def is_alive(self, now: float) -> bool:
        """Return whether the server still honours the access token at ``now`` (epoch seconds)."""
        return now < self.expires_at

    def is_fresh(self, now: float, margin: float) -> bool:
        """Return whether the token may still be sent at ``now`` (epoch seconds).

        ``margin`` (seconds) never takes more than half the lifetime, or a server with short tokens would be asked
        for a new one before every call.
        """
        return now < self._good_until(margin)

    def early_window(self, margin: float) -> tuple[float, float]:
        """Return from when until when (epoch seconds) one process of many may renew the token ahead of time.

        The last tenth of the lifetime before the margin: long enough to spread a fleet, and a token lives for most
        of what the server promised.
        """
        last = self._good_until(margin)
        return last - self.lifetime * AHEAD_FRACTION, last

    def _good_until(self, margin: float) -> float:
        return self.expires_at - min(margin, self.lifetime / 2)

    def can_refresh(self, now: float) -> bool:
        """Return whether the refresh token is worth a request at ``now`` (epoch seconds)."""
        lifetime = self.lifetime if self.refresh_lifetime is None else self.refresh_lifetime
        return self.refresh_token is not None and now < self.issued_at + lifetime

    def is_same(self, other: Token) -> bool:
        """Return whether both came with the same answer, whatever became of its refresh token."""
        return (self.generation, self.access_token) == (other.generation, other.access_token)

    def without_refresh_token(self) -> Token:
        """Return the token without its refresh token, for stores that do not keep that."""
        return replace(self, refresh_token=None, refresh_lifetime=None)

    def after_refresh(self, answer: Token) -> Token:
        """Return ``answer``, keeping this refresh token where the answer carries none (RFC 6749 section 6)."""
        if answer.refresh_token is not None:
            return answer
        # The kept token's lifetime counts from its own answer, not from this one.
        lifetime = None
        if self.refresh_lifetime is not None:
            lifetime = self.issued_at + self.refresh_lifetime - answer.issued_at
        return replace(answer, refresh_token=self.refresh_token, refresh_lifetime=lifetime)
