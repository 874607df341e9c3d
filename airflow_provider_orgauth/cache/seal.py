"""Seal a token record with a key that only the connection's own processes can make.

Airflow encrypts Variables at rest, if it has a Fernet key. On the way there a DEBUG log can hold the value, and every
DAG can read every Variable. A record is therefore sealed with a key derived from the client's own secret: whoever
lacks the connection sees nothing, and a record that was edited, cut or made for another client does not open.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from functools import lru_cache

from airflow_provider_orgauth.oauth.client import OAuthClient

PREFIX = "orgauth1"
"""What every sealed text of this version starts with."""

# scrypt (RFC 7914) makes guessing a weak secret from a stolen record slow; a process pays its 20 ms once.
_COST = {"n": 2**13, "r": 8, "p": 1}


class UnreadableRecordError(ValueError):
    """The text is no token record; the message says why, and never quotes it."""


class Seal:
    """Seals texts for one client: ``orgauth1:<mark>:<Fernet token>``.

    :ivar mark: hex digits that tell seals apart, made by scrypt as the key is.
    """

    def __init__(self, fingerprint: str) -> None:
        material = hashlib.scrypt(fingerprint.encode(), salt=PREFIX.encode(), dklen=40, **_COST)
        self._key = urlsafe_b64encode(material[:32])
        self.mark = material[32:].hex()

    def close(self, text: str) -> str:
        """Return ``text``, sealed."""
        from cryptography.fernet import Fernet

        return f"{PREFIX}:{self.mark}:{Fernet(self._key).encrypt(text.encode()).decode('ascii')}"

    def open(self, sealed: object) -> str | None:
        """Return the text, or None if another client sealed it: the connection was changed since.

        :raises UnreadableRecordError: it is not a sealed text of this version, or it was changed.
        """
        from cryptography.fernet import Fernet, InvalidToken

        prefix, _, rest = sealed.partition(":") if isinstance(sealed, str) else ("", "", "")
        if prefix != PREFIX:
            raise UnreadableRecordError("it is not a token record of this version")
        mark, _, body = rest.partition(":")
        if mark != self.mark:
            return None
        try:
            return Fernet(self._key).decrypt(body.encode()).decode()
        except (InvalidToken, UnicodeError):  # UnicodeError: not even text that can be encoded
            raise UnreadableRecordError("it was cut or changed") from None


@lru_cache(maxsize=64)
def _seal(fingerprint: str) -> Seal:
    return Seal(fingerprint)


def seal_of(client: OAuthClient) -> Seal:
    """Return the seal of ``client``."""
    return _seal(client.fingerprint)
