"""Keep a store's troubles away from the task: one warning, then go on as if there were no store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Protocol

from airflow_provider_orgauth.cache.record import UnreadableRecordError, from_text, to_text
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
    """A token store on top of a text store that may be broken, shadowed, out of reach or full of something else."""

    def __init__(self, texts: TextStore, fingerprint: str) -> None:
        self._texts = texts
        self._fingerprint = fingerprint

    def load(self) -> Token | None:
        """Return the newest token, or None for every reason there can be."""
        newest: Token | None = None
        try:
            for text in self._texts.read():
                token = from_text(text, fingerprint=self._fingerprint)
                if token is not None and (newest is None or token.issued_at > newest.issued_at):
                    newest = token
        except ConfigurationError:
            raise
        except UnreadableRecordError as error:
            self._warn("read", f"what it holds cannot be used ({error})")
        except Exception as error:  # a cache must not fail a task, whatever its backend raises
            self._warn("read", f"it cannot be read ({type(error).__name__})")
        return newest

    def save(self, token: Token) -> None:
        """Keep the token if that is possible."""
        try:
            self._texts.write(to_text(token, fingerprint=self._fingerprint))
        except ConfigurationError:
            raise
        except Exception as error:
            self._warn("write", f"it cannot be written ({type(error).__name__})")

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
