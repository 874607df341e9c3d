"""Find any of thousands of secrets in a text, in a time that does not grow with their number.

A pattern of all of them, which is what Airflow's masker compiles, costs more with each: to make, to keep, to match.
Here each secret is filed under a few of its slices. A text is cut at the characters that no secret has; of a piece
that is long enough to hold one, a slice at every eighth place is looked up. Where one is known, it says where a secret
may begin and how long it is, and a look into the set of all secrets decides.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from airflow_provider_orgauth import forks

MAX_SECRETS = 4096
"""Secrets up to which none is forgotten: with its slices, one of 1,200 characters takes about 3 KB."""

FORGET_INTERVAL_SECONDS = 600.0
"""Seconds after which it is looked again whether secrets may be forgotten."""

_SLICE, _STRIDE = 16, 8
"""Characters of a slice, and the distance of two that are looked up in a text."""

MIN_CHARACTERS = 5
"""Characters of the shortest secret, and of the slice under which those are filed that are too short for the others."""

_LONG = _SLICE + _STRIDE - 1
"""Characters of the shortest secret of which, wherever it stands, one slice begins at a place that is looked up."""

Span = tuple[int, int]
"""Where a secret begins in a text, and where it ends."""


class KnownSecrets:
    """Secrets, each until a time of its own; more than ``most`` are forgotten when theirs has come.

    To look for them takes no lock: a log may be written from anywhere.

    :param timer: seconds that only ever grow.
    """

    def __init__(self, *, most: int = MAX_SECRETS, timer: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._timer = timer
        self._until: dict[str, float] = {}
        self._index = _Index()
        self._next_look = 0.0
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep the secrets; the lock may be held by a thread that is not there any more."""
        self._lock = threading.RLock()  # reentrant: a signal handler may learn a token, too

    def __len__(self) -> int:
        return len(self._until)

    def __contains__(self, secret: str) -> bool:
        return secret in self._until

    def add(self, secret: str, *, seconds: float) -> None:
        """Remember ``secret`` for so many seconds at least, from now on.

        :raises ValueError: it has fewer than five characters.
        """
        if len(secret) < MIN_CHARACTERS:
            raise ValueError(f"a secret of {len(secret)} characters would be found everywhere")
        with self._lock:
            now = self._timer()
            if secret not in self._until:
                self._index.add(secret)
            self._until[secret] = max(self._until.get(secret, now), now + seconds)
            if len(self._until) > self._most and now >= self._next_look:
                self._next_look = now + FORGET_INTERVAL_SECONDS
                self._forget(now)

    def spans(self, text: str) -> list[Span]:
        """Return where secrets stand in ``text``, in order; those that overlap are one."""
        return merged_spans(self._index.find(text))

    def _forget(self, now: float) -> None:
        kept = {secret: until for secret, until in self._until.items() if until > now}
        if len(kept) < len(self._until):
            index = _Index()
            for secret in kept:
                index.add(secret)
            self._until, self._index = kept, index


def merged_spans(spans: list[Span]) -> list[Span]:
    """Return ``spans`` in order; those that overlap are one, those that only touch are not."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def replaced(text: str, spans: list[Span], replacement: str) -> str:
    """Return ``text`` with ``replacement`` in the place of each of the spans, which are in order and do not overlap."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], replacement]
        at = end
    return "".join([*pieces, text[at:]])


@dataclass
class _Slices:
    """Slices of one length: where in a secret each may stand, and how long that secret is."""

    length: int
    places: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    _shared: dict[tuple[Span, ...], tuple[Span, ...]] = field(default_factory=dict)

    def add(self, secret: str, at: int) -> None:
        """File ``secret`` under its slice ``at``."""
        piece, place = secret[at : at + self.length], (at, len(secret))
        known = self.places.get(piece, ())
        if place not in known:
            places = (*known, place)
            self.places[piece] = self._shared.setdefault(places, places)  # most are the same: kept once


class _Index:
    """Secrets by their slices."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._long, self._short = _Slices(_SLICE), _Slices(MIN_CHARACTERS)
        self._characters: set[str] = set()
        self._shortest = 0
        self._pieces: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        self._secrets.add(secret)
        if len(secret) < _LONG:
            self._short.add(secret, 0)
        else:
            # The last ones: many tokens begin alike, such as a JWT with its header.
            for at in range(len(secret) - _LONG, len(secret) - _SLICE + 1):
                self._long.add(secret, at)
        if self._pieces is None or len(secret) < self._shortest or not self._characters.issuperset(secret):
            self._characters.update(secret)
            self._shortest = min(len(secret), self._shortest or len(secret))
            characters = f"[{''.join(map(re.escape, sorted(self._characters)))}]"
            # Not to begin in the middle of a piece again, which is too short from there on as well.
            self._pieces = re.compile(f"(?<!{characters}){characters}{{{self._shortest},}}")

    def find(self, text: str) -> list[Span]:
        if self._pieces is None:
            return []
        return [span for piece in self._pieces.finditer(text) for span in self._in_piece(text, *piece.span())]

    def _in_piece(self, text: str, start: int, end: int) -> Iterator[Span]:
        for slices, stride in ((self._long, _STRIDE), (self._short, 1)):
            places, length = slices.places, slices.length
            if not places:
                continue
            known = [at for at in range(start, end - length + 1, stride) if text[at : at + length] in places]
            for at in known:
                for before, long in places[text[at : at + length]]:
                    begin = at - before
                    if begin >= start and text[begin : begin + long] in self._secrets:
                        yield begin, begin + long
