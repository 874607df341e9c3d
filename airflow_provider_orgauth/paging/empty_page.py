"""Whether an answer without the array of records is an empty page: some servers leave out what has no elements.

So do the JSON of protobuf, and Go's ``omitempty``: a list without records is ``{}``. What an answer may hold then, and
be an empty page all the same:

- what the pages before had beside the records, whatever it is now, unless it says that something went wrong;
- on a first page: counts, flags, texts and links, as ``{"total": 0, "kind": "devices#list"}``. But no other array,
  which may hold the records under another name, unless the answer itself says that there are none; and no ``id`` or
  ``name``, which is a thing of its own rather than a page of them.

Nothing may say that something went wrong: an ``error``, a ``message``, ``"ok": false``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

TOTALS = (
    "totalElements",
    "total",
    "totalCount",
    "total_count",
    "totalResults",
    "page.totalElements",
    "meta.total",
    "count",
)
"""Where answers say how many records there are."""

_COMPLAINTS = frozenset(
    (
        *("error", "errors", "error_description", "error_message", "errormessage", "message", "msg"),
        *("detail", "details", "fault", "exception", "reason"),
    )
)
_CODES = frozenset(("code", "errorcode", "error_code", "statuscode", "status_code", "status"))
_PRAISE = frozenset(("", "ok", "success", "successful", "none", "null", "0", "200"))
_VERDICTS = frozenset(("ok", "success"))
_OF_A_THING = frozenset(("id", "_id", "uuid", "guid", "name", "title"))
_LINKS = frozenset(("_links", "links"))

_MAX_KEYS = 64
"""The most keys of an object that counts as the envelope around records."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stood beside the records on a page that had some.

    :param keys: of the answer's object.
    :param words: the values of those that say how it went, such as ``{"code": 0, "msg": "done"}``.
    """

    keys: frozenset[str] = frozenset()
    words: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, others: Mapping[str, Any]) -> Self:
        """Return what there is to remember of the values beside the records."""
        kept = dict(list(others.items())[:_MAX_KEYS])
        return cls(frozenset(kept), {key: value for key, value in kept.items() if _is_word(key) and _is_small(value)})

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"keys": sorted(self.keys), "words": dict(self.words)}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_dict` wrote."""
        return cls(frozenset(saved["keys"]), saved["words"])


def complains(answer: Any, envelope: Envelope | None = None) -> bool:
    """Return whether an answer says that something went wrong, in words that an earlier page did not have."""
    before = {} if envelope is None else envelope.words
    return isinstance(answer, dict) and any(
        _is_complaint(key, value) and not (key in before and before[key] == value) for key, value in _members(answer)
    )


def is_empty_page(answer: Any, envelope: Envelope | None = None) -> bool:
    """Return whether an answer that has no array of records is a page without any.

    :param answer: decoded.
    :param envelope: of an earlier page; None: this is the first one.
    """
    if not isinstance(answer, dict) or complains(answer, envelope):
        return False
    if envelope is not None:
        return not any(_holds_array(value) for key, value in answer.items() if key not in envelope.keys)
    totals = {_at(answer, path) for path in TOTALS} - {None}
    says_none = totals != set() and totals <= {0, "0"}
    if totals and not says_none:
        return False
    return not any(
        (key in _OF_A_THING and value is not None) or (isinstance(value, list) and not _is_harmless(value, says_none))
        for key, value in _members(answer)
    )


def _members(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object and of those in it; links have names of their own."""
    for key, found in value.items():
        yield key, found
        if isinstance(found, dict) and key not in _LINKS:
            yield from _members(found)


def _is_word(key: str) -> bool:
    return key.lower() in _COMPLAINTS | _CODES | _VERDICTS


def _is_small(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < 200)


def _is_complaint(key: str, value: Any) -> bool:
    name = key.lower()
    if name in _VERDICTS:
        return value is False
    if name in _COMPLAINTS:
        return bool(value) and str(value).lower() not in _PRAISE
    if name in _CODES:
        # A status may be a word of any kind, and only some of them are bad news.
        if name == "status" and isinstance(value, str) and not value.isdigit():
            return value.lower().startswith(("err", "fail"))
        return bool(value) and isinstance(value, int | str) and str(value).lower() not in _PRAISE
    return False


def _is_harmless(array: list[Any], says_none: bool) -> bool:
    """Return whether an array is surely not the records: links, or texts beside a total of 0."""
    if array and all(isinstance(element, dict) and "href" in element for element in array):
        return True
    return says_none and not any(isinstance(element, dict | list) for element in array)


def _holds_array(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_array(found) for found in value.values())
    return isinstance(value, list) and bool(value)


def _at(answer: dict[str, Any], path: str) -> Any:
    here: Any = answer
    for key in path.split("."):
        here = here.get(key) if isinstance(here, dict) else None
    return here if isinstance(here, int | str) and not isinstance(here, bool) else None
