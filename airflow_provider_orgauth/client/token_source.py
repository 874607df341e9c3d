"""Where every request gets its token: from memory, from the shared cache, or from the server, in that order."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable

from airflow_provider_orgauth.client.refusals import error_of
from airflow_provider_orgauth.client.single_flight import SingleFlight
from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.renewal import Load, Lost, Outcome, Save, Send, Step, is_usable, renew
from airflow_provider_orgauth.oauth.store import TokenStore
from airflow_provider_orgauth.oauth.token import Token

_flights: SingleFlight[Token | Refusal | Lost] = SingleFlight()


class TokenSource:
    """Gives tokens that are valid now.

    :param memory: this process's own store: asked first, because it costs nothing.
    :param shared: the store that other processes see; the same as ``memory`` where nothing is shared.
    :param margin: seconds before expiry from which a token is renewed.
    :param clock: epoch seconds.
    :param on_token: told of each token that this process learns, before anyone can use it.
    """

    def __init__(
        self,
        client: OAuthClient,
        endpoint: TokenEndpoint,
        *,
        memory: TokenStore,
        shared: TokenStore,
        margin: float,
        clock: Callable[[], float],
        on_token: Callable[[Token], None] = lambda _: None,
    ) -> None:
        self.client = client
        self._endpoint = endpoint
        self._memory = memory
        self._shared = shared
        self._margin = margin
        self._clock = clock
        self._on_token = on_token
        self._rejected: deque[bytes] = deque(maxlen=8)

    def token(self, *, rejected: str | None = None) -> Token:
        """Return a token that may be sent now; of any number of threads, one renews it for all.

        :param rejected: the access token that the API just answered with 401. It is renewed only if it is still the
            current one; where another thread or process was faster, that one's token is returned.
        :raises TokenError: there is none, with the reason and what to do.
        """
        if rejected is not None and _digest(rejected) not in self._rejected:
            self._rejected.append(_digest(rejected))
        outcome: Token | Refusal | Lost | None = None
        while outcome is None:
            token = self._if_usable(self._memory.load(), rejected)
            if token is not None:
                return token
            outcome, led = _flights.do(self.client.fingerprint, lambda: self._renew(rejected))
            if not led and isinstance(outcome, Token) and outcome.access_token == rejected:
                outcome = None  # that flight began before the token was rejected: its outcome is no news
        if isinstance(outcome, Token):
            return outcome
        raise error_of(outcome, self.client)

    def _renew(self, rejected: str | None) -> Token | Refusal | Lost:
        # Second look: between this thread's first look and its turn, another flight may have landed. Then a look at
        # what other processes left, for which nobody needs to wait; renew looks there again, behind the lock.
        outcome: Token | Refusal | Lost | None = self._if_usable(self._memory.load(), rejected)
        outcome = outcome or self._if_usable(self._left_by_others(), rejected)
        if outcome is None:
            with self._shared.lock():
                outcome = self._drive(rejected)
        if isinstance(outcome, Token):
            self._on_token(outcome)
            self._memory.save(outcome)
        return outcome

    def _left_by_others(self) -> Token | None:
        """Return the shared token; or this process's own where there is none, or only one that is known to be dead.

        That is so where a save failed. Which of two is newer is no help: the clocks of two hosts may differ.
        """
        shared = self._shared.load()
        if shared is None or _digest(shared.access_token) in self._rejected:
            return self._memory.load() or shared
        return shared

    def _if_usable(self, token: Token | None, rejected: str | None) -> Token | None:
        usable = is_usable(token, rejected=rejected, now=self._clock(), margin=self._margin)
        return token if usable else None

    def _drive(self, rejected: str | None) -> Token | Refusal | Lost:
        renewal = renew(self.client, margin=self._margin, clock=self._clock, rejected=rejected)
        result: Outcome = None
        try:
            step = next(renewal)
            while True:
                result = self._take(step)
                step = renewal.send(result)
        except StopIteration as done:
            outcome: Token | Refusal | Lost = done.value
        return outcome

    def _take(self, step: Step) -> Outcome:
        match step:
            case Load():
                return self._left_by_others()
            case Save(token):
                self._shared.save(token)
                return None
            case Send():
                return self._endpoint.send(step)


def _digest(access_token: str) -> bytes:
    # What is remembered of a dead token must not show it, in a dump of this object's attributes for one.
    return hashlib.sha256(access_token.encode()).digest()
