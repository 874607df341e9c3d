"""Keep a store's troubles away from the task: one warning, then go on as if there were no store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from airflow_provider_orgauth.cache.host_lock import host_lock
from airflow_provider_orgauth.cache.record import from_text, to_text
from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)

_warned: set[tuple[str, str]] = set()


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
    :param lock_name: locks the processes of this host out of each other's renewals; None where it would not help.
    """

    def __init__(self, texts: TextStore, seal: Seal, *, lock_name: str | None = None) -> None:
        self._texts = texts
        self._seal = seal
        self._lock_name = lock_name

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
            self._warn("read", f"it cannot be read ({type(error).__name__})")
        return newest

    def save(self, token: Token) -> None:
        """Keep the token if that is possible."""
        try:
            self._texts.write(self._seal.close(to_text(token)))
        except ConfigurationError:
            raise
        except Exception as error:
            self._warn("write", f"it cannot be written ({type(error).__name__})")

    def lock(self) -> AbstractContextManager[None]:
        """Keep the other processes of this host away, where they can see what is saved here."""
        return nullcontext() if self._lock_name is None else host_lock(self._lock_name)

    def _opened(self, sealed: object) -> Token | None:
        try:
            text = self._seal.open(sealed)
            return None if text is None else from_text(text)
        except UnreadableRecordError as error:
            self._warn("read", f"what it holds cannot be used ({error})")
            return None

    def _warn(self, what: str, problem: str) -> None:
        """Say it once per process: a warning for each of 10,000 calls would bury everything else."""
        key = (self._texts.description, what)
        if key not in _warned:
            _warned.add(key)
            log.warning(
                "The token is not shared through %s: %s. Work goes on, with a token of this process's own.",
                self._texts.description,
                problem,
            )
