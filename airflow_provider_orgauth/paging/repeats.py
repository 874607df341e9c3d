"""Whether a page brings anything new, judged by the records in it: what was asked for proves nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Self

from airflow_provider_orgauth.paging.raw import Raw, first_byte, members

_DIGEST_BYTES = 8
"""Bytes of a digest: in the longest list that is read, of 100,000 pages, two that are equal by chance are one in a
billion walks, and even these would have to be followed by two more."""


_IDS = frozenset(("id", "_id", "uuid", "guid"))
_NO_IDS = frozenset((b"n", b"t", b"f"))


class Place(Enum):
    """Where the records of a page came before."""

    END = "end"
    """They are the last records that came: the last page, or what a server gives for an offset that is too high."""
    START = "start"
    """They are the first page."""
    MIDDLE = "middle"
    """They are another page."""


class _First(NamedTuple):
    """The first page.

    :param size: how many records it had.
    :param opening: the digest of its first record, which tells most pages from it without a look at the others.
    """

    size: int
    opening: str
    digest: str


class Repeats:
    """Recognises pages that came before.

    Where the end of the list is known from the answers, a page is compared with the first and the last page only: to
    hash all bytes of all pages would cost a good part of what fetching them does.
    """

    def __init__(self) -> None:
        self.largest = 0
        """The most records that a page had."""
        self._first: _First | None = None
        self._second: str | None = None
        self._last = 0
        self._tail: Sequence[Raw] = ()
        self._tails: dict[int, str] = {}
        self._next: dict[str, str | None] = {}
        """The digest of each page, and of the one that came after it the first time: 150 bytes a page."""
        self._latest: str | None = None
        """The digest of the last page, where that came for the first time."""
        self._digested: tuple[Sequence[Raw], str] = ((), "")

    def place_of(self, records: Sequence[Raw], *, thorough: bool) -> Place | None:
        """Return where these records came before; None: nowhere, or there are none.

        :param thorough: look at all pages that came, rather than at the last and the first.
        """
        if not records:
            return None
        if self._is_tail(records):
            return Place.END
        if self._is_first(records):
            return Place.START
        return Place.MIDDLE if thorough and self._digest(records) in self._next else None

    def follows(self, records: Sequence[Raw], repeated: Sequence[Raw]) -> bool:
        """Return whether these records followed a page that is ``repeated``, or are the same ones again."""
        if _equal(records, repeated):
            return True
        if not records:
            return False
        digest = self._digest(records)
        if digest == self._second and self._is_first(repeated):
            return True
        return self._next.get(_digest(repeated)) == digest

    def observe(self, records: Sequence[Raw], *, thorough: bool) -> None:
        """Remember a page."""
        if not records:
            return
        if self._first is None:
            self._first = _First(len(records), _digest(records[:1]), self._digest(records))
        elif self._second is None:
            self._second = self._digest(records)
        if thorough:
            self._note(self._digest(records))
        self.largest = max(self.largest, len(records))
        # A page that is shorter than those before leaves some of them among the last so many records.
        is_short = thorough and len(records) < self.largest
        self._tail = [*self._tail, *records][-self.largest :] if is_short else records
        self._tails = {}
        self._last = len(records)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, small enough to be saved every second: of pages in the middle it says nothing."""
        tails = self._tails or {count: _digest(self._tail[-count:]) for count in {self._last, len(self._tail)} - {0}}
        return {"largest": self.largest, "first": self._first, "second": self._second, "tails": [*tails.items()]}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_dict` wrote."""
        repeats = cls()
        repeats.largest = saved["largest"]
        repeats._first = saved["first"] and _First(*saved["first"])
        repeats._second = saved["second"]
        repeats._tails = dict(saved["tails"])
        return repeats

    def _is_tail(self, records: Sequence[Raw]) -> bool:
        count = len(records)
        if self._tails:
            known = max(self._tails)
            if known < count == self.largest:
                return self._tails[known] == _digest(records[-known:])
            return count in self._tails and self._tails[count] == self._digest(records)
        known = len(self._tail)
        if known < count == self.largest:
            # Resumed in the middle of a list, it knows fewer records than a page can have: those have to do.
            return known > 0 and _equal(records[-known:], self._tail)
        # The last page, or as many records as a page can have. Of fewer, or more, the last one may well be new.
        if count not in (self._last, len(self._tail)) or records[-1] != self._tail[-1]:
            return False
        return _equal(records, self._tail[-count:])

    def _is_first(self, records: Sequence[Raw]) -> bool:
        first = self._first
        if first is None or len(records) != first.size or _digest(records[:1]) != first.opening:
            return False
        return self._digest(records) == first.digest

    def _note(self, digest: str) -> None:
        if self._latest is not None:
            self._next[self._latest] = digest
        self._latest = None if digest in self._next else digest
        self._next.setdefault(digest, None)

    def _digest(self, records: Sequence[Raw]) -> str:
        """Return the digest of a page; it is looked at more than once."""
        if self._digested[0] is not records:
            self._digested = records, _digest(records)
        return self._digested[1]


def have_ids(records: Sequence[Raw]) -> bool:
    """Return whether each record has an id: two that are equal are the same one then."""
    return bool(records) and all(_has_id(record) for record in records)


def _has_id(record: Raw) -> bool:
    if first_byte(record) != b"{":
        return False
    return any(key.lower() in _IDS and first_byte(value) not in _NO_IDS for key, value in members(record).items())


def are_alike(records: Sequence[Raw]) -> bool:
    """Return whether there are several records that are all the same, as measurements may be for long."""
    return len(records) > 1 and all(record == records[0] for record in records)


def _equal(records: Sequence[Raw], others: Sequence[Raw]) -> bool:
    # One record tells nearly always, and the first of a page is cheap to find.
    return len(records) == len(others) and (not records or (records[0] == others[0] and list(records) == list(others)))


def _digest(records: Sequence[Raw]) -> str:
    """Return a digest of these records as they came: only the very same bytes have the same one."""
    # No two lists of JSON values are the same text: a comma between values is none in one.
    # Processors have instructions for this one.
    return hashlib.sha256(b",".join(records)).digest()[:_DIGEST_BYTES].hex()
