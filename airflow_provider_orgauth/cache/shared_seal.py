"""Seal the shared token with the client's seal and a key that is kept elsewhere."""

from __future__ import annotations

import contextlib

from airflow_provider_orgauth.cache.seal import KEYED_SEAL_PREFIX, ChangedRecordError, Seal, UnreadableRecordError
from airflow_provider_orgauth.cache.shared_key import SharedKey


class SharedSeal:
    """Seals texts for one client, ``orgauth2:<mark>:<Fernet token>``: to open them takes secret and key.

    :param seal: of the client.
    """

    def __init__(self, seal: Seal, key: SharedKey) -> None:
        self._seal = seal
        self._key = key

    def close(self, text: str) -> str:
        """Return ``text``, sealed with the key that is there now, or is made now.

        :raises UnreadableRecordError: there is none, and it cannot be made.
        """
        return self._seal.with_key(self._key.to_seal_with()).close(text)

    def open(self, sealed: object) -> str | None:
        """Return the text, or None if another client sealed it: the connection was changed since.

        The key is read only where there is something to open, and again where the remembered one does not open it.

        :raises UnreadableRecordError: it is not a sealed text of this version, or it was changed, or the key was.
        """
        if self._seal.body(sealed, KEYED_SEAL_PREFIX) is None:
            return None
        for key in self._key.candidates():
            with contextlib.suppress(ChangedRecordError):
                return self._seal.with_key(key).open(sealed)
        raise UnreadableRecordError(self._key.trouble())
