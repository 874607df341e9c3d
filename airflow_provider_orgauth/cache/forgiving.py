"""Keep a store's troubles away from the task: one warning, then go on as if there were no store."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from airflow_provider_orgauth.cache.forgiving_lease import ForgivingLease
from airflow_provider_orgauth.cache.host_lock import host_lock
from airflow_provider_orgauth.cache.record import from_text, to_text
from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.cache.texts import HIDDEN, TextStore, warn_once
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.token import Token

RACE = 60.0
"""Seconds: a token that is so much older than the one saved was not written by somebody who was merely slow."""


class ForgivingStore:
    """A token store on top of a text store that may be broken, shadowed, out of reach or full of something else.

    :param seal: what the texts are sealed with.
    :param lease: where hosts say which of them renews the token; None where no other host sees it.
    :param lock_name: locks the processes of this host out of each other's renewals; None where it would not help.
    """

    def __init__(
        self, texts: TextStore, seal: Seal, lease: ForgivingLease | None = None, *, lock_name: str | None = None
    ) -> None:
        self._texts = texts
        self._seal = seal
        self.lease = lease
        self._lock_name = lock_name
        self._saved_at: float | None = None

    def load(self) -> Token | None:
        """Return the newest token, or None for every reason there can be."""
        newest: Token | None = None
        try:
            for sealed in self._texts.read():
                token = self._opened(sealed)
                if token is not None and (newest is None or token.issued_at > newest.issued_at):
                    newest = token
        except ConfigurationError:
            raise
        except Exception as error:  # a cache must not fail a task, whatever its backend raises
            self._warn(f"it cannot be read ({type(error).__name__})")
        if newest is not None and self._saved_at is not None and newest.issued_at < self._saved_at - RACE:
            self._warn(f"an older token than the one saved is read back; {HIDDEN}, or the clocks of two hosts differ")
        return newest

    def save(self, token: Token) -> None:
        """Keep the token if that is possible.

        Without a lease its refresh token is left out: nobody could tell who of those who read it may send it.
        """
        if self.lease is None:
            token = replace(token, refresh_token=None)
        try:
            self._texts.write(self._seal.close(to_text(token)))
        except ConfigurationError:
            raise
        except Exception as error:
            self._warn(f"it cannot be written ({type(error).__name__})")
        else:
            self._saved_at = token.issued_at
            if self.lease is not None:
                self.lease.tell()

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Keep the other processes of this host away, where they can see what is saved here."""
        if self._lock_name is None:
            return nullcontext(True)
        return host_lock(self._lock_name, longest_wait=wait)

    def _opened(self, sealed: object) -> Token | None:
        try:
            text = self._seal.open(sealed)
            return None if text is None else from_text(text)
        except UnreadableRecordError as error:
            self._warn(f"what it holds cannot be used ({error}); if it looks right in Airflow, {HIDDEN}")
            return None

    def _warn(self, problem: str) -> None:
        what = self._texts.description
        warn_once(
            what,
            f"The token is not shared through {what}: {problem}. Work goes on, with a token of this process's own.",
        )
