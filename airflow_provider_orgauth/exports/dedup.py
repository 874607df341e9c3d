"""Of two records with the same key, keep the one that came first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from airflow_provider_orgauth.exceptions import ResponseError, UnknownFieldError
from airflow_provider_orgauth.exports.field_names import key_of, what_there_is
from airflow_provider_orgauth.paging.raw import Raw, find_value, first_byte, members

_KEY_BYTES = 16


class Deduplicator:
    """Remembers the keys of all records so far: about 110 bytes of memory for each.

    Between two attempts of a task the keys are handed over as bytes: :meth:`fresh`, then :meth:`noted`; and
    :meth:`restore`.

    :param names: the fields that make a key, each as keys joined by dots.
    :raises ConfigurationError: there are none.
    """

    def __init__(self, names: str | Sequence[str]) -> None:
        self._names = key_of(names)
        self._keys: set[bytes] = set()
        self._fresh = bytearray()

    def kept(self, records: Iterable[Raw]) -> list[Raw]:
        """Return the records whose keys are new.

        :raises ResponseError: a record has no such field, or null in all of them.
        """
        kept = []
        for record in records:
            key = self._key(record)
            if key not in self._keys:
                self._keys.add(key)
                self._fresh += key
                kept.append(record)
        return kept

    def unsaved(self) -> bytes:
        """Return the keys that are not saved yet."""
        return bytes(self._fresh)

    def mark_saved(self) -> None:
        """Mark the keys of :meth:`fresh` as saved for the next attempt, or as not needed."""
        self._fresh.clear()

    def restore(self, fresh: bytes) -> None:
        """Take keys over from an earlier attempt."""
        self._keys.update(fresh[start : start + _KEY_BYTES] for start in range(0, len(fresh), _KEY_BYTES))

    def forget(self) -> None:
        """Forget all keys."""
        self._keys.clear()
        self._fresh.clear()

    def _key(self, record: Raw) -> bytes:
        digest = hashlib.blake2b(digest_size=_KEY_BYTES)
        is_null = True
        for name in self._names:
            found = find_value(record, name)
            if found is None:
                raise UnknownFieldError(
                    f"unique_by: a record has no field {name!r}.",
                    advice=f"Name a field that each record has. {what_there_is(name, _keys_of(record))}",
                )
            value = bytes(memoryview(found))
            is_null = is_null and value == b"null"
            digest.update(value)
            digest.update(b"\0")  # no JSON holds one: ("a", "bc") is not ("ab", "c")
        if is_null:  # as equal keys, all but one of these records would be left out
            raise ResponseError(
                f"unique_by: a record has null in {', '.join(self._names)}.",
                advice="Name a field that tells records apart.",
            )
        return digest.digest()


def _keys_of(record: Raw) -> list[str]:
    return list(members(record)) if first_byte(record) == b"{" else []
