"""Where every request gets its token: from memory, from the shared cache, or from the server, in that order."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack

from airflow_provider_orgauth.client.cancellation import task_stopped
from airflow_provider_orgauth.client.observer import Observer
from airflow_provider_orgauth.client.outage import Outage
from airflow_provider_orgauth.client.renew_ahead import RenewalMoments
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.single_flight import SingleFlight
from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
from airflow_provider_orgauth.client.token_errors import token_error_of
from airflow_provider_orgauth.exceptions import TaskStoppedError
from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.asking import Renewed
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import newest
from airflow_provider_orgauth.oauth.lease import Claimant, Entry
from airflow_provider_orgauth.oauth.renewal import grant_new_token, is_usable, renew
from airflow_provider_orgauth.oauth.renewal_report import RenewalLog, RenewalReport
from airflow_provider_orgauth.oauth.sending import Sender, not_sent
from airflow_provider_orgauth.oauth.steps import (
    Load,
    LoadRefreshToken,
    Lock,
    Lost,
    OfRefreshToken,
    Outcome,
    ReadLease,
    ReadSending,
    ReadSent,
    RefreshToken,
    Rule,
    Save,
    SaveRefreshToken,
    Send,
    Step,
    TakeRefreshToken,
    Wait,
    WriteLease,
    WriteSending,
    WriteSent,
)
from airflow_provider_orgauth.oauth.store import Reach, RefreshTokens, TokenStore
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)

MAX_FLIGHTS = 3
"""How often to wait for another thread's token where it had run out by the time that this thread woke up."""

SECONDS_BETWEEN_SAVES = (0.5, 1.0, 2.0, 0.0)
"""Seconds after each attempt to keep a refresh token that exists nowhere else."""

MAX_REPLAYS = 3
"""How often a request is sent again after a 401, at most, where it was sent with tokens that others had left."""

MOMENTS = RenewalMoments()
"""The moments of this process."""

RENEW_NOW_SECONDS = 10.0
"""Seconds for which another process's renewal is waited for where somebody asked for one: more than a lease lasts."""

_flights: SingleFlight[Renewed] = SingleFlight()
_driving = threading.local()


class _StoppedError(Exception):
    """The task of this thread is being stopped: threads that wait for its renewal do not get the outcome."""

    def __init__(self, outcome: Refusal | Lost) -> None:
        super().__init__()
        self.outcome = outcome


class TokenSource:
    """Gives tokens that are valid now.

    :param endpoint: asks for tokens, and knows the time by which they live.
    :param memory: this process's own store: asked first, because it costs nothing.
    :param shared: the store that other processes see; the same as ``memory`` where nothing is shared.
    :param margin: seconds before expiry from which a token is not used any more.
    :param retry: its randomness, and its ways of measuring time and of waiting.
    :param on_token: called with each token that this process learns, before it is used.
    :param on_secret: called with each refresh token that descends from one to begin with, before it is used.
    :param on_renewal: called after a renewal that sent a token request, when its locks are released; it never raises.
    :param moments: when to renew ahead of time; sources of one client share them, so that only one of them does.
    :param refresh_tokens: where the newest refresh token is kept, for a client that has one to begin with.
    :param observer: told whether a token was found or asked for, and how waits for the lease ended.
    """

    def __init__(
        self,
        client: OAuthClient,
        endpoint: TokenEndpoint,
        *,
        memory: TokenStore,
        shared: TokenStore,
        margin: float,
        retry: RetryPolicy,
        on_token: Callable[[Token], None] = lambda _: None,
        on_secret: Callable[[str], None] = lambda _: None,
        on_renewal: Callable[[RenewalReport], None] = lambda _: None,
        moments: RenewalMoments = MOMENTS,
        refresh_tokens: RefreshTokens | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.client = client
        self._key = client.fingerprint
        self._endpoint = endpoint
        self.clock = endpoint.clock
        self._memory = memory
        self._shared = shared
        self._margin = margin
        self.retry = retry
        self._on_token = on_token
        self._on_secret = on_secret
        self._on_renewal = on_renewal
        self._moments = moments
        self._lease = shared.lease
        self._outage = Outage(shared, retry)
        self.observer = observer
        self._refresh_tokens = refresh_tokens
        self._claimant = Claimant(retry.timer, retry.uniform, on_turn=self._on_turn) if self._lease else None
        self._sender = (
            None
            if refresh_tokens is None
            else Sender(retry.timer, retry.uniform, exchange_seconds=endpoint.longest_exchange)
        )
        self._rejected: deque[bytes] = deque(maxlen=8)
        self._older_are_dead = -1
        self._told: Token | None = None
        self._asked_for = b""

    def token(self, *, rejected: str | None = None, sent_once: bool = False) -> Token:
        """Return a token that may be sent now; of any number of threads, one renews it for all.

        :param rejected: the access token that the API just answered with 401. It is renewed only if it is still the
            current one; where another thread or process was faster, that one's token is returned.
        :param sent_once: the request cannot be replayed after a 401.
        :raises TokenError: there is none, with the reason and what to do.
        """
        if rejected is not None:
            self._note(rejected)
        outcome: Renewed = None
        flights = 0
        while outcome is None:
            token = self._if_usable(self._memory.load(), rejected)
            token = token and self._if_usable(self._perhaps_renewed_ahead(token), rejected)
            if token is not None and sent_once:
                token = self._if_usable(self._perhaps_succeeded(token), rejected)
            if token is not None:
                return token
            flights += 1
            try:
                outcome, led = _flights.do(self._key, lambda: self._renew(rejected))
            except _StoppedError as why:
                outcome, led = why.outcome, True
                if _may_get_better(outcome):
                    raise self._stopped(outcome) from None
            if not led and isinstance(outcome, Token) and self._is_no_news(outcome, rejected, flights):
                outcome = None
        if isinstance(outcome, Token):
            return outcome
        raise token_error_of(outcome, self.client, now=self.retry.clock())

    @property
    def reach(self) -> Reach:
        """How far the token could be shared at the last read and write."""
        return self._shared.reach

    def renew_now(self) -> Renewed:
        """Renew the token although it is good, by the rules of a renewal ahead of time, and share it.

        Return the new token, whoever was the one to renew, or why there is none; None where another process has been at
        it for ``RENEW_NOW_SECONDS``.
        """
        held = self._newest()
        if held is None:
            return _flights.do(self._key, lambda: self._renew(None))[0]
        until = self.retry.timer() + RENEW_NOW_SECONDS
        while True:
            outcome, _ = _flights.do(self._key, lambda: self._drive(self._renewal(held=held), insist=False))
            if outcome is not None or self.retry.timer() > until:
                return outcome
            # Somebody holds the lease, or held it and died: a claim that has not changed for 5 s is nobody's.
            self.retry.pause(1.0)

    def ready(self, *, is_being_renewed: bool = False) -> Token | None:
        """Return the token in memory if it may be sent now and is not to be renewed yet; does not wait.

        :param is_being_renewed: another caller renews it ahead of time, so that this one need not.
        """
        token = self._if_usable(self._memory.load(), None)
        return token if token is None or is_being_renewed or not self._is_time_to_renew(token) else None

    def may_replay(self, rejected: str, *, since: float, replays: int) -> bool:
        """Return whether to replay a request whose replay got a 401 as well.

        True if it was sent with a token that another process had left, which may be as dead as the one before; and in
        an outage, see :meth:`~.outage.Outage.may_replay`.

        :param rejected: the access token that it was sent with.
        """
        was_left = _digest(rejected) != self._asked_for and not self.retry.cancelled.is_set()
        return (was_left and replays < MAX_REPLAYS) or self._outage.may_replay(since=since, replays=replays)

    def _note(self, rejected: str) -> None:
        held = self._memory.load()
        if held is not None and held.access_token == rejected:
            self._older_are_dead = held.generation
        if _digest(rejected) not in self._rejected:
            self._rejected.append(_digest(rejected))

    def _is_no_news(self, landed: Token, rejected: str | None, flights: int) -> bool:
        """Return whether another thread's renewal is of no use: its token was rejected meanwhile, or has run out."""
        has_run_out = not landed.is_alive(self.clock.now())
        return landed.access_token == rejected or (has_run_out and flights < MAX_FLIGHTS)

    def _perhaps_renewed_ahead(self, held: Token) -> Token:
        """Return the successor of ``held`` if this is the moment and this the thread to get it; else ``held``."""
        if not self._is_time_to_renew(held):
            return held
        outcome, _ = _flights.do(self._key, lambda: self._renew_ahead(held), wait=False)
        return outcome if isinstance(outcome, Token) else held

    def _is_time_to_renew(self, held: Token) -> bool:
        now, uniform = self.clock.now(), self.retry.uniform
        return self._moments.has_come(self._key, held, now=now, margin=self._margin, uniform=uniform)

    def _perhaps_succeeded(self, held: Token) -> Token:
        """Return the token that has replaced ``held``, if any: on most servers, ``held`` is dead then."""
        now = self.clock.now()
        if now < held.early_window(self._margin)[0] and not self._outage.is_on():
            return held
        succeeded = self._if_usable(self._newest(), held.access_token)
        if succeeded is not None:
            self._adopt(succeeded)
        return succeeded or held

    def _renew_ahead(self, held: Token) -> Token | None:
        # Second look: another thread's renewal may be done since.
        outcome: Renewed = self._if_usable(self._memory.load(), held.access_token)
        if outcome is None and not self._outage.must_wait():
            outcome = self._drive(self._renewal(held=held), insist=False)
        if isinstance(outcome, Token):
            return outcome
        if outcome is not None and not self.retry.cancelled.is_set():
            left = max(0.0, held.expires_at - self.clock.now())
            error = token_error_of(outcome, self.client, now=self.retry.clock())
            log.warning("The token was not renewed ahead of time; it is good for another %.0f s. %s", left, error)
        # Later, then: no request waited for it, and another process may be renewing it.
        self._draw_moment(held)
        return None

    def _draw_moment(self, token: Token) -> None:
        self._moments.draw(self._key, token, now=self.clock.now(), margin=self._margin, uniform=self.retry.uniform)

    def _renew(self, rejected: str | None) -> Renewed:
        self.clock.reread()
        # Second look: between this thread's first look and its turn, another thread's renewal may be done.
        found = self._if_usable(self._memory.load(), rejected)
        if found is not None:
            return found
        if getattr(_driving, "on", False):
            # A signal handler, in the middle of this thread's own renewal: it would wait for itself.
            anew = grant_new_token(self.client, held=self._memory.load(), clock=self.clock)
            return self._drive(anew, insist=True)
        outcome: Renewed = self._outage.await_turn(self._shared_meanwhile, is_rejected=rejected is not None)
        if isinstance(outcome, Token):
            self._adopt(outcome)
        elif self.retry.cancelled.is_set() and self._outage.must_wait():
            outcome = Lost("it was not asked", reached_server=False)
        else:
            outcome = self._renew_insisting(rejected)
        if isinstance(outcome, Refusal | Lost) and self.retry.cancelled.is_set():
            raise _StoppedError(outcome)
        return outcome

    def _renew_insisting(self, rejected: str | None) -> Renewed:
        if self._refresh_tokens is None:
            return self._drive(self._renewal(rejected=rejected), insist=True)
        # Each attempt is a turn of its own: during a wait, another process may renew.
        return self._endpoint.insist(lambda: self._drive(self._renewal(rejected=rejected), insist=False))

    def _stopped(self, outcome: Refusal | Lost) -> TaskStoppedError:
        came = outcome.message if isinstance(outcome, Lost) else f"status {outcome.status}"
        return task_stopped(f"no token was got from {self.client.token_url} ({came})")

    def _newest(self) -> Token | None:
        """Return the newest good token of those that are shared and this process's own: a save may have failed."""
        self.clock.reread()
        return newest((self._shared.load(self._is_good), self._memory.load()), self._is_good)

    def _is_good(self, token: Token) -> bool:
        if _digest(token.access_token) in self._rejected or self._if_usable(token, None) is None:
            return False
        # Hosts that could not share have numbered their tokens each for itself: these numbers do not compare.
        return token.generation > self._older_are_dead or self._outage.is_on()

    def _if_usable(self, token: Token | None, rejected: str | None) -> Token | None:
        usable = is_usable(token, rejected=rejected, now=self.clock.now(), margin=self._margin)
        return token if usable else None

    def _renewal(self, *, rejected: str | None = None, held: Token | None = None) -> Rule[Renewed]:
        return renew(
            self.client,
            margin=self._margin,
            clock=self.clock,
            rejected=rejected,
            older_are_dead=-1 if self._outage.is_on() else self._older_are_dead,
            held=held,
            claimant=self._claimant,
            sender=self._sender,
        )

    def _drive(self, rule: Rule[Renewed], *, insist: bool) -> Renewed:
        nested, _driving.on = getattr(_driving, "on", False), True
        notes = RenewalLog(self.client.grant_type)
        try:
            with ExitStack() as locks:
                outcome = self._go_through(rule, locks, notes, insist=insist)
                if isinstance(outcome, Token):
                    self._adopt(outcome)
        finally:
            _driving.on = nested
        report = notes.report(outcome)
        # Not in a signal handler, nor for a task that is being stopped: there, every access more is one too many.
        if report is not None and not nested and not self.retry.cancelled.is_set():
            self._on_renewal(report)
        return outcome

    def _adopt(self, token: Token) -> None:
        self._tell(token)
        self._memory.save(token)
        self._draw_moment(token)

    def _tell(self, token: Token) -> None:
        """Call ``on_token`` for a token that is new, before it is used; also where only its refresh token is."""
        told = self._told
        if told is None or (token.access_token, token.refresh_token or told.refresh_token) != (
            told.access_token,
            told.refresh_token,
        ):
            self._on_token(token)
            self._told = token

    def _go_through(self, rule: Rule[Renewed], locks: ExitStack, notes: RenewalLog, *, insist: bool) -> Renewed:
        result: Outcome = None
        has_asked = False
        try:
            step = next(rule)
            while True:
                has_asked = has_asked or isinstance(step, Send)
                result = self._take(step, locks, insist=insist)
                notes.note(step, result)
                if isinstance(step, Wait | Lock) and self.retry.cancelled.is_set():
                    return Lost("it was not asked", reached_server=False)
                step = rule.send(result)
        except StopIteration as done:
            outcome: Renewed = done.value
            if self.observer is not None and (has_asked or isinstance(outcome, Token)):
                self.observer.token_looked_for(found=not has_asked)
            return outcome

    def _take(self, step: Step, locks: ExitStack, *, insist: bool) -> Outcome:
        match step:
            case Lock(wait):
                return locks.enter_context(self._shared.lock(wait=wait)) or None
            case Load():
                return self._newest()
            case Save(token):
                self._tell(token)
                return self._shared.save(token)
            case TakeRefreshToken(of):
                return self._taken_refresh_token(of)
            case LoadRefreshToken() | SaveRefreshToken() | ReadSending() | WriteSending() | ReadSent() | WriteSent():
                return self._take_of_refresh_token(step)
            case Send():
                return self._ask(step, insist=insist)
            case ReadLease():
                return self._lease.read() if self._lease else None
            case WriteLease(lease):
                return True if self._lease and self._lease.write(lease) else None
            case Wait(seconds):
                self.retry.pause(seconds)
        return None

    def _on_turn(self, entry: Entry) -> None:
        if self.observer is not None:
            self.observer.lease_sought(entry.name.lower())

    def _ask(self, step: Send, *, insist: bool) -> Outcome:
        self._outage.asks()
        answer = self._endpoint.send(step, meanwhile=self._shared_meanwhile) if insist else self._endpoint.attempt(step)
        if isinstance(answer, Token) and not answer.generation:  # else another process shared it
            self._asked_for = _digest(answer.access_token)
        return answer

    def _taken_refresh_token(self, of: Token) -> Token | None:
        """Return ``of`` with its refresh token, which is removed from the stores: no other process may send it."""
        # From both stores: a strict server ends all tokens of a grant where its refresh token is sent twice.
        left, own = self._shared.take_refresh_token(of), self._memory.take_refresh_token(of)
        taken = left or own
        if taken is not None:
            self._tell(taken)
        return taken

    def _take_of_refresh_token(self, step: OfRefreshToken) -> Outcome:
        kept = self._refresh_tokens
        if kept is None:
            return None
        match step:
            case LoadRefreshToken():
                return self._newest_refresh_token()
            case SaveRefreshToken(refresh_token):
                self._keep_refresh_token(refresh_token)
            case ReadSending():
                return kept.sending.read()
            case WriteSending(lease):
                return True if kept.sending.write(lease) else None
            case ReadSent():
                return kept.sent.read()
            case WriteSent(lease):
                kept.sent.write(lease)
        return None

    def _newest_refresh_token(self) -> RefreshToken | Lost | None:
        if self._refresh_tokens is None:
            return None
        try:
            newest = self._refresh_tokens.load()
        except ValueError as error:
            return not_sent(str(error))
        self._on_secret(newest.text)
        return newest

    def _keep_refresh_token(self, refresh_token: RefreshToken) -> None:
        """Keep it where all hosts read it. It is worth a few attempts, also while the task is being stopped."""
        if self._refresh_tokens is None:
            return
        trouble = ""
        for wait in SECONDS_BETWEEN_SAVES:
            trouble = self._refresh_tokens.save(refresh_token)
            self._on_secret(refresh_token.text)  # not before: until it is kept, each millisecond may lose it
            if not trouble:
                return
            self.retry.pause(wait)
        log.error(
            "The server gave a new refresh token, and all hosts need it, but it could not be kept in %s: %s. This "
            "host's processes go on with it. If it is lost, get another one from the server, and put it into the "
            "connection's refresh_token (Refresh token to begin with).",
            self._refresh_tokens.name,
            trouble,
        )

    def _shared_meanwhile(self) -> Token | None:
        found = self._newest()
        return found if found is not None and self._is_good(found) else None


def _may_get_better(outcome: Refusal | Lost) -> bool:
    return not outcome.permanent if isinstance(outcome, Lost) else outcome.reason is Reason.UNAVAILABLE


def _digest(access_token: str) -> bytes:
    # A token itself is not kept: a dump of this object's attributes would show it.
    return hashlib.sha256(access_token.encode()).digest()
