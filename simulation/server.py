"""An authorization server as strict as there are: a refresh token is good for one use, a second one ends its family."""

from __future__ import annotations

from collections import Counter
from itertools import count

from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.token import Token


class Server:
    """Grants tokens, and knows which of them are good. Whoever asked says how old one is by its own clock.

    :param lifetime: seconds, of access and of refresh tokens.
    :param refresh_kills_access: a refresh ends the access token that came with the refresh token.
    """

    def __init__(self, *, lifetime: float, refresh_kills_access: bool) -> None:
        self._lifetime = lifetime
        self._kills = refresh_kills_access
        self._numbers = count(1)
        self._access: dict[str, float] = {}
        self._runs_out: dict[str, float] = {}
        self._refresh: dict[str, tuple[str, float]] = {}
        self._spent: set[str] = set()
        self.requests: Counter[str] = Counter()
        self.revoked_families = 0
        """How many times a refresh token was sent that had been spent."""

    def grant(self, *, now: float) -> Token:
        """Answer a client credentials grant."""
        self.requests["client_credentials"] += 1
        return self._issue(str(next(self._numbers)), now=now)

    def refresh(self, refresh_token: str, *, now: float) -> Token | Refusal:
        """Answer a refresh; one with a spent token ends every token that descends from the same grant."""
        self.requests["refresh_token"] += 1
        family = refresh_token.split(".")[1]
        if refresh_token in self._spent:
            self.revoked_families += 1
            self._access = {name: end for name, end in self._access.items() if name.split(".")[1] != family}
            self._refresh = {name: rest for name, rest in self._refresh.items() if name.split(".")[1] != family}
        access, end = self._refresh.pop(refresh_token, ("", 0.0))
        if now >= end:
            return Refusal(Reason.INVALID_GRANT, 400, "spent, run out or ended")
        self._spent.add(refresh_token)
        if self._kills:
            self._access.pop(access, None)
        return self._issue(family, now=now)

    def accepts(self, access_token: str, now: float) -> bool:
        """Tell what the API says to a bearer token."""
        return now < self._access.get(access_token, 0.0)

    def has_run_out(self, token: Token, now: float) -> bool:
        """Tell whether the token's time is over, whatever else may have ended it."""
        return now >= self._runs_out[token.access_token]

    def _issue(self, family: str, *, now: float) -> Token:
        number = next(self._numbers)
        token = Token(f"access.{family}.{number}", now, self._lifetime, f"refresh.{family}.{number}")
        self._access[token.access_token] = self._runs_out[token.access_token] = now + self._lifetime
        self._refresh[f"refresh.{family}.{number}"] = (token.access_token, now + self._lifetime)
        return token


def order_of(token: Token) -> int:
    """Return a number that is the greater, the later the server issued the token. No client could know it."""
    return int(token.access_token.split(".")[2])
