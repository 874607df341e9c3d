"""What a watcher has told of, and what of the next look is news to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

_CHANGE_CHARACTERS = 16


def mark_of(text: str) -> str:
    """Return a short text that is equal for equal texts."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_CHANGE_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Told:
    """What the last look showed that was told of, or taken as known.

    :param count: how many looks showed something else than the one before.
    :param marks: what there was, by name; a mark is equal for what is the same.
    :param telling: the news that are about to be told. Where they are still here at the next begin, nobody knows which
        of them arrived.
    """

    count: int
    marks: Mapping[str, str]
    telling: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Any) -> Self | None:
        """Return what :meth:`as_json` gave; None, where something else is stored."""
        if not isinstance(stored, Mapping):
            return None
        count, marks, telling = stored.get("count"), stored.get("told"), stored.get("telling", {})
        if not isinstance(count, int) or not isinstance(marks, Mapping) or not isinstance(telling, Mapping):
            return None
        return cls(count, _texts(marks), _texts(telling))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON: ``{"count": 3, "told": {"17": "9f86d081884c7d65"}}``, and ``telling`` where there is."""
        telling = {"telling": dict(self.telling)} if self.telling else {}
        return {"count": self.count, "told": dict(self.marks), **telling}

    def rounds(self, marks: Mapping[str, str]) -> list[Mapping[str, str]]:
        """Return what to tell of, one after the other: mostly ``marks`` alone.

        After an end in the middle of telling, first what is still as it was told then: that is the same change. What
        else there is, is a later one, also where it is equal to something that was told and is gone.
        """
        known = {name: mark for name, mark in marks.items() if mark in (self.marks.get(name), self.telling.get(name))}
        return [known, marks] if self.telling and known != marks else [marks]

    def about_to_tell(self, marks: Mapping[str, str]) -> Self:
        """Return what is to be kept before the news are told."""
        return replace(self, telling={name: marks[name] for name in self.news(marks)})

    def news(self, marks: Mapping[str, str]) -> list[str]:
        """Return the names of what is new, or has another mark than before."""
        return [name for name, mark in marks.items() if self.marks.get(name) != mark]

    def after(self, marks: Mapping[str, str]) -> Self:
        """Return what is told when all news of a look are; itself, where the look showed what the one before did.

        What was about to be told and is gone had its place in the count: what is equal to it later is another change.
        """
        return self if marks == self.marks and not self.telling else type(self)(self.count + 1, marks)

    def change(self, watch: str, name: str, mark: str) -> str:
        """Return a text that is the same when a change is told again, and another for each other change.

        What goes and comes back has the same mark, and is a change each time: so the count is part of it.

        :param watch: whose change it is.
        """
        return mark_of("\n".join((watch, str(self.count), name, mark)))


def _texts(mapping: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(mark) for name, mark in mapping.items()}
