"""Seal a token record with a key that only the connection's own processes can make.

Airflow encrypts Variables at rest, if it has a Fernet key. On the way there a DEBUG log can hold the value, and every
DAG can read every Variable. A record is therefore sealed with a key derived from the client's own secret. Without
the connection it cannot be read, and a record that was edited, cut or made for another client does not open.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from copy import copy
from functools import lru_cache

from airflow_provider_orgauth.oauth.client import OAuthClient

SEAL_PREFIX = "orgauth1"
"""The beginning of texts that the client's seal opens, in this version."""

KEYED_SEAL_PREFIX = "orgauth2"
"""The beginning of texts that take a shared key as well."""

# scrypt (RFC 7914) makes guessing a weak secret from a stolen record slow; a process pays its 20 ms once.
_COST = {"n": 2**13, "r": 8, "p": 1}


class UnreadableRecordError(ValueError):
    """The text is no token record; the message says why, and never quotes it."""


class ChangedRecordError(UnreadableRecordError):
    """The text is for this client, and does not open: it was cut or changed, or sealed with another key."""


class Seal:
    """Seals texts for one client: ``orgauth1:<mark>:<Fernet token>``.

    :ivar mark: hex digits that tell seals apart, made by scrypt as the key is.
    """

    def __init__(self, fingerprint: str) -> None:
        material = hashlib.scrypt(fingerprint.encode(), salt=SEAL_PREFIX.encode(), dklen=40, **_COST)
        self._key = urlsafe_b64encode(material[:32])
        self._prefix = SEAL_PREFIX
        self.mark = material[32:].hex()

    def with_key(self, key: str) -> Seal:
        """Return the seal that takes ``key`` as well as the client's secret: ``orgauth2:<mark>:<Fernet token>``."""
        seal = copy(self)
        seal._key = urlsafe_b64encode(hmac.digest(key.encode(), self._key, "sha256"))
        seal._prefix = KEYED_SEAL_PREFIX
        return seal

    def close(self, text: str) -> str:
        """Return ``text``, sealed."""
        from cryptography.fernet import Fernet

        return f"{self._prefix}:{self.mark}:{Fernet(self._key).encrypt(text.encode()).decode('ascii')}"

    def open(self, sealed: object) -> str | None:
        """Return the text, or None if another client sealed it: the connection was changed since.

        :raises UnreadableRecordError: it is not a sealed text of this version, or it was changed.
        """
        from cryptography.fernet import Fernet, InvalidToken

        body = self.body(sealed, self._prefix)
        if body is None:
            return None
        try:
            return Fernet(self._key).decrypt(body.encode()).decode()
        except (InvalidToken, UnicodeError):  # UnicodeError: not even text that can be encoded
            raise ChangedRecordError("it was cut or changed") from None

    def body(self, sealed: object, prefix: str) -> str | None:
        """Return what is to be opened in ``sealed``, or None if another client sealed it.

        :raises UnreadableRecordError: it does not start with ``prefix``.
        """
        begins, _, rest = sealed.partition(":") if isinstance(sealed, str) else ("", "", "")
        if begins != prefix:
            raise UnreadableRecordError("it is not a token record of this version")
        mark, _, body = rest.partition(":")
        return body if mark == self.mark else None


@lru_cache(maxsize=64)
def seal_with(fingerprint: str) -> Seal:
    """Return the seal whose key is made from ``fingerprint``."""
    return Seal(fingerprint)


def seal_of(client: OAuthClient) -> Seal:
    """Return the seal of ``client``."""
    return seal_with(client.fingerprint)
