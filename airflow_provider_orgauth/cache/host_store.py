"""What the processes of one host and user share in their private folder: sealed, and only to save requests.

There is the last token, so that they share one where a Variable cannot be read, is hidden or holds what cannot be
opened. Beside it, in a file of its own, is its refresh token, which is kept nowhere else: a text in the shared cache
can be restored at any later time, and would not show that the refresh token is spent. The process that takes the file
is the only one that can send it.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager

from airflow_provider_orgauth.cache.host_file import HostFile
from airflow_provider_orgauth.cache.host_lock import host_lock
from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.cache.token_record import from_text, to_text
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)


class HostStore:
    """The token of one client on this host. No method raises.

    :param name: what its files are called.
    :param seal: what the texts in them are sealed with.
    :ivar note: when the host asks again, while hosts cannot share; nothing secret, and not sealed.
    """

    def __init__(self, name: str, seal: Seal) -> None:
        self._name = name
        self._seal = seal
        self._token = HostFile(f"{name}.token")
        self._shared = HostFile(f"{name}.shared")
        self._refresh_token = HostFile(f"{name}.refresh")
        self.note = HostFile(f"{name}.outage")

    def load(self) -> Token | None:
        """Return the last token, without its refresh token."""
        return self._opened(self._token.read())

    def save(self, token: Token, *, is_shared: bool) -> None:
        """Keep the token, without its refresh token, unless a newer one is kept.

        :param is_shared: it is in the text that all hosts read, too.
        """
        kept = self.load()
        if kept is None or kept.generation < token.generation:
            self._token.write(self._seal.close(to_text(token.without_refresh_token())))
            self._set_shared(token, is_shared=is_shared)
        elif is_shared and kept.is_same(token) and not self.is_shared(kept):
            self._set_shared(token, is_shared=True)

    def is_shared(self, token: Token) -> bool:
        """Return whether ``token``, which is kept here, was in the text that all hosts read."""
        return self._shared.read() == str(token.generation)

    def forget(self) -> None:
        """Drop the token, and its refresh token."""
        self._token.take()
        self._refresh_token.take()

    def _set_shared(self, token: Token, *, is_shared: bool) -> None:
        self._shared.write(str(token.generation) if is_shared else "")

    def keep_refresh_token(self, token: Token) -> bool:
        """Keep the token with its refresh token, for one process to take; return whether that worked."""
        return self._refresh_token.write(self._seal.close(to_text(token)))

    def take_refresh_token(self, of: Token) -> Token | None:
        """Return ``of`` with its refresh token, and remove that from the store; None if it is not here any more.

        One that came with another token is thrown away: that token was renewed in another way since.
        """
        taken = self._opened(self._refresh_token.take())
        return taken if taken is not None and taken.is_same(of) else None

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Keep the other processes of this host away; the context's value is False where one of them is in."""
        return host_lock(self._name, longest_wait=wait)

    def _opened(self, sealed: str | None) -> Token | None:
        try:
            text = None if sealed is None else self._seal.open(sealed)
            return None if text is None else from_text(text)
        except UnreadableRecordError as error:
            log.debug("A file of %s in the private folder cannot be used (%s); going on without.", self._name, error)
            return None
