"""What the pages of one list have in common: once it is known, one pass over a page's bytes finds all that is in it."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from airflow_provider_orgauth.paging.raw import REFUSED, Raw


class Opened(NamedTuple):
    """The members of an object, undecoded.

    :param path: the key of the records.
    :param others: all but the records.
    """

    path: str
    records: list[Raw]
    others: dict[str, Raw]


class PageLayout:
    """The keys that an object may have, one of which leads to the records.

    To open the object and then the array in it takes two passes, and nearly all the bytes are in both.

    :param keys: all of them; one that is not there changes nothing.
    :param records: the one that leads to the records.
    """

    MAX_KEYS = 64
    """The most keys of an object that counts as the envelope around records."""

    def __init__(self, keys: frozenset[str], records: str) -> None:
        self._keys = keys
        self._records = records
        self._names = {f"member{index}": key for index, key in enumerate(keys)}

    @property
    def is_too_wide(self) -> bool:
        """Whether it has too many keys to be of use. Then it takes no more of them."""
        return len(self._keys) > self.MAX_KEYS

    def widened(self, keys: Collection[str]) -> PageLayout:
        """Return a layout that has these keys as well."""
        if self.is_too_wide or self._keys.issuperset(keys):
            return self
        return PageLayout(self._keys.union(keys), self._records)

    def open(self, content: Raw) -> Opened | None:
        """Return the members; None where it has another layout, or is no JSON: the caller finds out which."""
        if self._decoder is None:
            return None
        try:
            page = self._decoder.decode(content)
        except REFUSED:
            return None
        found = {key: getattr(page, name) for name, key in self._names.items()}
        records = found.pop(self._records)
        if records is msgspec.UNSET:
            return None
        return Opened(self._records, records, {key: raw for key, raw in found.items() if raw is not msgspec.UNSET})

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any] | None:
        """Return the decoder, made for a second page; None: msgspec cannot have members of these names."""
        if self.is_too_wide:
            return None
        members: list[tuple[str, Any, Any]] = [
            (name, list[Raw] if key == self._records else Raw, msgspec.UNSET) for name, key in self._names.items()
        ]
        try:
            kind = msgspec.defstruct("Page", members, rename=self._names, forbid_unknown_fields=True)
            return msgspec.json.Decoder(kind)
        except (TypeError, ValueError):
            return None
