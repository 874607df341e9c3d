"""The random key with which the shared token is sealed, beside the client's secret; in a text store of its own.

The shared token's text changes at each renewal, and Airflow's secrets masker keeps every text that it ever saw under a
sensitive name: in an API server for weeks. So the text has a name that is not sensitive, and what protects it is this
key, which is made once: masked by its name, and encrypted at rest as any Variable.

No lock guards it. A process that saves a token takes the key that is there, or makes one. Two that make one at once, or
a former key that is put back, cost a token request, as any text that does not open.
"""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import TypeGuard

from airflow_provider_orgauth.cache.seal import UnreadableRecordError
from airflow_provider_orgauth.cache.text_store import SHADOWED, TextStore
from airflow_provider_orgauth.cache.variable_text import UndecryptedVariableError

KEY_PREFIX = "key1"
"""What every key of this version starts with."""

_KEY = re.compile(rf"{KEY_PREFIX}:[A-Za-z0-9_-]{{43}}=")
_KEY_BYTES = 32


def new_key() -> str:
    """Return a new key: ``key1:`` and 32 random bytes in URL-safe Base64 (RFC 4648 section 5)."""
    return f"{KEY_PREFIX}:{urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode('ascii')}"


class SharedKey:
    """The key in ``texts``, which this process remembers once it has opened a text.

    :raises UnreadableRecordError: (in each method) it cannot be read or kept; the message says why, without the key.
    """

    def __init__(self, texts: TextStore) -> None:
        self._texts = texts
        self._known: str | None = None

    def candidates(self) -> Iterator[str]:
        """Yield the key that is remembered, and then, if the caller asks for another, the one that is stored.

        The last one that was yielded is remembered.
        """
        known = self._known
        if known is not None:
            yield known
        found = self._read()
        if found is not None and found != known:
            self._known = found
            yield found

    def to_seal_with(self) -> str:
        """Return the stored key; make and store one where there is none, or where the text is no key.

        It is read each time, so that a key that was deleted or replaced is not used on in one process only.
        """
        self._known = self._read() or self._made()
        return self._known

    def trouble(self) -> str:
        """Return why a text does not open, for a warning."""
        return f"it was cut or changed, or {self._texts.description} is another one"

    def _read(self) -> str | None:
        text = self._text()
        return text if _is_key(text) else None

    def _text(self) -> object:
        try:
            return next(iter(self._texts.read()), None)
        except UndecryptedVariableError:
            return ""  # the Fernet key is perhaps lost for ever: as a text that is no key, it is replaced
        except Exception as error:  # a cache must not fail a task, whatever its backend raises
            raise UnreadableRecordError(
                f"its key, {self._texts.description}, cannot be read ({type(error).__name__})"
            ) from None

    def _made(self) -> str:
        made, failed = new_key(), ""
        try:
            self._texts.write(made)
        except Exception as error:
            # Perhaps another process stored one in the same instant: on some databases that is an error.
            failed = f"cannot be written ({type(error).__name__})"
        # What is stored now counts, ours or not: a key that others cannot read would be of no use to them.
        text = self._text()
        if _is_key(text):
            return text
        if failed or text is not None:
            raise UnreadableRecordError(
                f"its key, {self._texts.description}, {failed or f'does not stay there; {SHADOWED}'}"
            )
        return made  # a read that is a little behind, for example from a replica


def _is_key(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and _KEY.fullmatch(text) is not None
