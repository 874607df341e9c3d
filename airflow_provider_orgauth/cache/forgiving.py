"""Keep a store's troubles away from the task: one warning, then go on as if there were no store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Protocol

from airflow_provider_orgauth.cache.host_lock import host_lock
from airflow_provider_orgauth.cache.lease_record import lease_from_text, lease_to_text
from airflow_provider_orgauth.cache.record import from_text, to_text
from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)

HIDDEN = "a secrets backend or an environment variable (AIRFLOW_VAR_…) hides it"

RACE = 60.0
"""Seconds: a token that is so much older than the one saved was not written by somebody who was merely slow."""

_warned: set[str] = set()


class TextStore(Protocol):
    """Somewhere a text is kept: an Airflow Variable, an XCom. It may raise whatever it likes."""

    description: str
    """What it is, for a warning: ``the Variable orgauth_token_…``."""

    def read(self) -> Iterator[object]:
        """Yield what is there: nothing, one text, or several where several tasks wrote."""

    def write(self, text: str) -> None:
        """Put ``text`` there."""


class ForgivingStore:
    """A token store on top of a text store that may be broken, shadowed, out of reach or full of something else.

    :param seal: what the texts are sealed with.
    :param lease: where hosts say which of them renews the token; None where no other host sees it.
    :param lock_name: locks the processes of this host out of each other's renewals; None where it would not help.
    """

    def __init__(
        self, texts: TextStore, seal: Seal, lease: TextStore | None = None, *, lock_name: str | None = None
    ) -> None:
        self._texts = texts
        self._seal = seal
        self._lease = lease
        self._lock_name = lock_name
        self._saved_at: float | None = None
        self._lease_read: object = None
        self._lease_doubt = ""

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
        if not self.has_lease:
            token = replace(token, refresh_token=None)
        try:
            self._texts.write(self._seal.close(to_text(token)))
            self._saved_at = token.issued_at
        except ConfigurationError:
            raise
        except Exception as error:
            self._warn(f"it cannot be written ({type(error).__name__})")

    @property
    def has_lease(self) -> bool:
        """Tell whether other hosts read what is saved here."""
        return self._lease is not None

    def read_lease(self) -> Lease | None:
        """Return the lease; an empty one for whatever is none; None if it cannot be read."""
        if self._lease is None:
            return None
        try:
            text = next(iter(self._lease.read()), None)
        except Exception as error:
            self._warn_of_lease(self._lease, f"it cannot be read ({type(error).__name__})")
            return None
        if self._lease_doubt and text == self._lease_read:
            self._warn_of_lease(self._lease, self._lease_doubt)
        self._lease_read, self._lease_doubt = text, ""
        return lease_from_text(text)

    def write_lease(self, lease: Lease) -> bool:
        """Keep the lease if that is possible; tell whether it surely worked."""
        if self._lease is None:
            return False
        try:
            self._lease.write(lease_to_text(lease))
            self._lease_doubt = f"what is written there does not stay; {HIDDEN}"
        except Exception as error:
            # Perhaps somebody else wrote in the same instant: on some databases that is an error. The next look tells.
            self._lease_doubt = f"it cannot be written ({type(error).__name__})"
            return False
        return True

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
        """Say it once per process: a warning for each of 10,000 calls would bury everything else."""
        if self._texts.description not in _warned:
            _warned.add(self._texts.description)
            log.warning(
                "The token is not shared through %s: %s. Work goes on, with a token of this process's own.",
                self._texts.description,
                problem,
            )

    def _warn_of_lease(self, lease: TextStore, problem: str) -> None:
        # Where the token is not shared either, that was said, and is the same trouble.
        if _warned.isdisjoint({lease.description, self._texts.description}):
            _warned.add(lease.description)
            log.warning(
                "Hosts cannot agree through %s on which of them renews the token: %s. Work goes on, and may ask for "
                "more tokens than it needs.",
                lease.description,
                problem,
            )
