"""The tokens that were issued: which are good, which are spent, and which belong to one family."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from airflow_provider_orgauth.emulator.settings import Settings

Clock = Callable[[], float]


class InvalidGrant(Exception):
    """The refresh token is unknown, spent, expired, revoked or another client's."""


@dataclass(slots=True)
class Issued:
    """A token that exists. ``family``: the number of the client_credentials grant that it descends from."""

    client_id: str
    family: int
    expires_at: float
    scope: str
    revoked: bool = False
    spent: bool = False
    access_token: str = field(default="", repr=False)


class TokenStore:
    """Access and refresh tokens by value. Values come from the seed and a counter: the same run, the same tokens."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._key = f"orgauth emulator {seed}".encode()
        self._clock = clock
        self._counter = 0
        self._families = 0
        self._access: dict[str, Issued] = {}
        self._refresh: dict[str, Issued] = {}

    def grant(self, settings: Settings, scope: str) -> tuple[str, str | None]:
        """Return a new access token, and a refresh token if the settings want one: a new family."""
        self._families += 1
        access = self._new_access(settings, self._families, scope)
        return access, self._new_refresh(settings, access) if settings.issue_refresh_token else None

    def refresh(self, settings: Settings, refresh_token: str) -> tuple[str, str | None]:
        """Return a new access token and what the answer says as refresh token, for one that is still good.

        :raises InvalidGrant: if it is not.
        """
        old = self._refresh.get(refresh_token)
        if old is None or old.client_id != settings.client_id:
            raise InvalidGrant
        if old.spent and settings.revoke_family:
            self._revoke_family(old.family)
        if old.spent or old.revoked or old.expires_at <= self._clock():
            raise InvalidGrant
        if settings.refresh_kills_access:
            self._access[old.access_token].revoked = True
        access = self._new_access(settings, old.family, old.scope)
        if settings.rotation == "new":
            old.spent = True
            return access, self._new_refresh(settings, access)
        old.access_token = access
        old.expires_at = self._refresh_expiry(settings)
        return access, refresh_token if settings.rotation == "same" else None

    def valid(self, access_token: str) -> Issued | None:
        """Return the access token if it is good now."""
        issued = self._access.get(access_token)
        if issued is None or issued.revoked or issued.expires_at <= self._clock():
            return None
        return issued

    def issued(self) -> list[tuple[str, float]]:
        """Return all access tokens in the order of issue, each with the epoch second at which its life ends."""
        return [(value, one.expires_at) for value, one in self._access.items()]

    def revoke(self, access_token: str | None = None, *, refresh_tokens: bool = False) -> int:
        """Revoke one access token, or all; on demand all refresh tokens too. Return how many good ones it took."""
        chosen = [one for value, one in self._access.items() if access_token in (None, value)]
        if refresh_tokens:
            chosen += self._refresh.values()
        good = [one for one in chosen if not one.revoked and not one.spent and one.expires_at > self._clock()]
        for one in good:
            one.revoked = True
        return len(good)

    def _revoke_family(self, family: int) -> None:
        for issued in (*self._access.values(), *self._refresh.values()):
            if issued.family == family:
                issued.revoked = True

    def _new_access(self, settings: Settings, family: int, scope: str) -> str:
        if settings.one_living_token:
            self.revoke()
        value = self._value("access", settings.token_length)
        expires_at = self._clock() + settings.token_lifetime
        self._access[value] = Issued(settings.client_id, family, expires_at, scope)
        return value

    def _new_refresh(self, settings: Settings, access_token: str) -> str:
        value = self._value("refresh", settings.token_length)
        access = self._access[access_token]
        expires_at = self._refresh_expiry(settings)
        self._refresh[value] = Issued(
            access.client_id, access.family, expires_at, access.scope, access_token=access_token
        )
        return value

    def _refresh_expiry(self, settings: Settings) -> float:
        return self._clock() + (settings.refresh_lifetime or settings.token_lifetime)

    def _value(self, kind: str, length: int = 40) -> str:
        """Return so many URL-safe characters; shorter tokens are the longer ones' beginning."""
        self._counter += 1
        name = f"{kind} {self._counter}".encode()
        digest = b"".join(hmac.digest(self._key, name + b"+" * i, "sha256") for i in range(-(-length // 42)))
        return urlsafe_b64encode(digest).decode("ascii")[:length]
