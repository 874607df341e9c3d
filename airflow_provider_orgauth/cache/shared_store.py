"""The shared token. A store that fails costs a warning and token requests, and never a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from airflow_provider_orgauth.cache.host_store import HostStore
from airflow_provider_orgauth.cache.seal import UnreadableRecordError
from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.text_store import SHADOWED, TextStore, warn_once
from airflow_provider_orgauth.cache.token_record import from_text, to_text
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.generation import newest
from airflow_provider_orgauth.oauth.store import NoteStore, Reach, anything
from airflow_provider_orgauth.oauth.token import Token

RACE_SECONDS = 60.0
"""Seconds: a token that is so much older than the one saved was not written by a process that was merely slow."""


class Sealing(Protocol):
    """Seals texts, and opens them: the client's seal, or the one that a shared key belongs to."""

    def close(self, text: str) -> str:
        """Return ``text``, sealed.

        :raises UnreadableRecordError: that is impossible now; what it says is for a warning.
        """

    def open(self, sealed: object) -> str | None:
        """Return the text, or None if another client sealed it.

        :raises UnreadableRecordError: it does not open; what it says is for a warning.
        """


class SharedStore:
    """The token that processes and hosts share, in a text store that may fail in any way.

    A refresh token never goes into the texts: all that read them could send it, and only one may.

    :param seal: what the texts are sealed with.
    :param lease: where hosts say which of them renews the token; None where no other host sees it.
    :param host: what the processes of this host share besides; None where they do not share.
    """

    def __init__(
        self, texts: TextStore, seal: Sealing, lease: SharedLease | None = None, *, host: HostStore | None = None
    ) -> None:
        self._texts = texts
        self._seal = seal
        self.lease = lease
        self._host = host
        self._saved: Token | None = None
        self._is_unread = self._is_unwritten = self._is_empty = False

    @property
    def note(self) -> NoteStore | None:
        """The text in which the processes of this host say when they ask again."""
        return None if self._host is None else self._host.note

    @property
    def reach(self) -> Reach:
        """How far hosts can share through the texts, by the last read and write."""
        if self.lease is None:
            return Reach.WHOLE
        if self._is_unread:
            return Reach.NONE
        return Reach.READING if self._is_unwritten or self.lease.is_out_of_reach else Reach.WHOLE

    def load(self, good: Callable[[Token], bool] = anything) -> Token | None:
        """Return the newest good token, of all hosts or of this one, or the newest; None where none can be read."""
        found, kept = self._look()
        shared = newest(found, good)
        if self._host is not None and shared is not None:
            self._host.save(shared, is_shared=True)
        return newest((shared, kept), good)

    def save(self, token: Token) -> Token:
        """Keep the token if that is possible, unless one of its generation or a newer one is kept.

        What another process writes between the look and the write is overwritten; the two follow each other at once.
        """
        found, kept_here = self._look()
        others = newest((*found, kept_here), anything)
        if others is not None and others.generation >= token.generation and not others.is_same(token):
            return others
        kept = token.without_refresh_token()
        # First of all: a process that dies between the two would lose the refresh token.
        if token.refresh_token is not None and (self._host is None or not self._host.keep_refresh_token(token)):
            kept = token
        try:
            self._texts.write(self._seal.close(to_text(token.without_refresh_token())))
        except ConfigurationError:
            raise
        except Exception as error:
            self._is_unwritten = True
            why = str(error) if isinstance(error, UnreadableRecordError) else type(error).__name__
            self._warn(f"it cannot be written ({why})")
        else:
            self._is_unwritten = False
            self._saved = token
            if self.lease is not None:
                self.lease.report()
        if self._host is not None:
            self._host.save(token, is_shared=not self._is_unwritten)
        return kept

    def take_refresh_token(self, of: Token) -> Token | None:
        """Return ``of`` with its refresh token, if that is kept on this host, for this process only."""
        return None if self._host is None else self._host.take_refresh_token(of)

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Keep the other processes of this host away, where they can see what is saved here."""
        return nullcontext(True) if self._host is None else self._host.lock(wait=wait)

    def _look(self) -> tuple[list[Token], Token | None]:
        """Return the tokens in the texts, and the one that this host keeps."""
        # Before the texts: what another process saves in between is in both.
        kept = None if self._host is None else self._host.load()
        found = list(self._read())
        if self._host is not None and kept is not None and self._is_empty and self._host.is_shared(kept):
            self._host.forget()  # all hosts had it, and it was deleted on purpose: a new token is wanted
            kept = None
        return found, kept

    def _read(self) -> Iterator[Token]:
        """Yield the tokens in the texts, without refresh tokens: those of a former version may have some."""
        was_unread, self._is_unread, self._is_empty = self._is_unread, False, False
        try:
            sealed_ones = list(self._texts.read())
            self._is_empty = not sealed_ones
            for sealed in sealed_ones:
                token = self._opened(sealed)
                if token is None:
                    continue
                self._look_for_an_older_one(token)
                yield token.without_refresh_token()
        except ConfigurationError:
            raise
        except Exception as error:  # a cache must not fail a task, whatever its backend raises
            self._is_unread = True
            self._warn(f"it cannot be read ({type(error).__name__})")
        else:
            if was_unread and not self._is_unread:
                # What failed before says nothing about now; the next write and lease will show.
                self._is_unwritten = False
                if self.lease is not None:
                    self.lease.is_out_of_reach = False

    def _look_for_an_older_one(self, read: Token) -> None:
        saved = self._saved
        if saved is None or read.generation >= saved.generation:
            return
        self._is_unread = True
        if read.issued_at < saved.issued_at - RACE_SECONDS:
            self._warn(f"an older token than the one saved is read back; {SHADOWED}, or somebody put it back")

    def _opened(self, sealed: object) -> Token | None:
        try:
            text = self._seal.open(sealed)
            return None if text is None else from_text(text)
        except UnreadableRecordError as error:
            self._is_unread = True
            self._warn(f"what it holds cannot be used ({error}); if it looks right in Airflow, {SHADOWED}")
            return None

    def _warn(self, problem: str) -> None:
        what, whose = self._texts.description, "process" if self._host is None else "host"
        warn_once(
            what,
            f"The token is not shared through {what}: {problem}. Work goes on, with a token of this {whose}'s own.",
        )
