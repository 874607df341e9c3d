"""Of two records with the same key, keep the one that came first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError
from airflow_provider_orgauth.paging.body import Raw, find

_KEY_BYTES = 16


class Unique:
    """Remembers the keys of all records so far: about 110 bytes of memory for each.

    Between two tries of a task the keys are handed over as bytes: :meth:`fresh` since the last time, up to the last
    :meth:`cut` of the file, and :meth:`restore`.

    :param names: the fields that make a key, each as keys joined by dots.
    :raises ConfigurationError: there are none.
    """

    def __init__(self, names: str | Sequence[str]) -> None:
        self._names = (names,) if isinstance(names, str) else tuple(names)
        if not self._names or not all(isinstance(name, str) and name for name in self._names):
            raise ConfigurationError("unique_by", "is no name of a field", advice='Write unique_by="id".')
        self._keys: set[bytes] = set()
        self._fresh = bytearray()
        self._cut = 0

    def kept(self, records: Iterable[Raw]) -> list[Raw]:
        """Return the records whose keys are new.

        :raises ResponseError: a record has no such field.
        """
        kept = []
        for record in records:
            key = self._key(record)
            if key not in self._keys:
                self._keys.add(key)
                self._fresh += key
                kept.append(record)
        return kept

    def cut(self) -> None:
        """Mark: what was kept up to here is in the file for good."""
        self._cut = len(self._fresh)

    def fresh(self) -> bytes:
        """Return the keys between the last time and the last cut."""
        fresh = bytes(self._fresh[: self._cut])
        del self._fresh[: self._cut]
        self._cut = 0
        return fresh

    def restore(self, fresh: bytes) -> None:
        """Take keys over from an earlier try."""
        self._keys.update(fresh[start : start + _KEY_BYTES] for start in range(0, len(fresh), _KEY_BYTES))

    def forget(self) -> None:
        """Know no key."""
        self._keys.clear()
        self._fresh.clear()
        self._cut = 0

    def _key(self, record: Raw) -> bytes:
        digest = hashlib.blake2b(digest_size=_KEY_BYTES)
        for name in self._names:
            value = find(record, name)
            if value is None:
                raise ResponseError(
                    f"unique_by: a record has no field {name!r}.", advice="Name a field that each record has."
                )
            digest.update(bytes(memoryview(value)))
            digest.update(b"\0")  # no JSON holds one: ("a", "bc") is not ("ab", "c")
        return digest.digest()
