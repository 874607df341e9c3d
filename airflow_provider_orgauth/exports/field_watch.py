"""The names of the fields of records: whether those that were given are there, and which hold credentials."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from airflow_provider_orgauth.exceptions import ResponseError, UnknownFieldError
from airflow_provider_orgauth.exports.field_names import what_there_is
from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.paging.raw import Raw, elements, first_byte, members

log = logging.getLogger(__name__)

_NO_CREDENTIALS = frozenset({b"null", b"true", b"false", b"0", b'""', b"[]", b"{}"})

_LOOKED_AT_RECORDS = 100
"""Records of the first page that are looked at for credentials: all of a thousand would be a good part of what a large
export costs."""

_MAX_KNOWN_NAMES = 200
"""Names of fields that are remembered, for an error."""


class FieldWatch:
    """Looks through the pages of an export for the fields that users named, and for credentials.

    A name that was given is looked for in each record until it was found once: mostly in the first.
    For credentials, a hundred records of the first page are looked at, and the first one of each page that follows.

    :param fields: the names that are kept, by ``fields``.
    :param drop_fields: the names that are left out.
    :param time_field: the name of the field that holds a record's time.
    """

    def __init__(
        self, fields: Sequence[str] = (), drop_fields: Sequence[str] = (), time_field: str | None = None
    ) -> None:
        self._asked_for = frozenset(fields)
        self._names = {
            "fields": tuple(fields),
            "drop_fields": tuple(drop_fields),
            "time_field": () if time_field is None else (time_field,),
        }
        self.forget()

    def forget(self) -> None:
        """Forget all that was seen."""
        self._unseen = set().union(*self._names.values())
        self._known: set[str] = set()
        self._credentials: set[str] = set()
        self._has_records = False

    def observe(self, records: Sequence[Raw], lines: bytes) -> None:
        """Look through a page.

        :param records: as they came.
        :param lines: what goes to the file of them.
        """
        if not records:
            return
        if self._unseen:
            self._look_for_names(records)
        if lines:
            most = 1 if self._has_records else _LOOKED_AT_RECORDS
            for line in filter(None, lines.split(b"\n", most)[:most]):
                self._credentials |= set(_credentials(Raw(line))) - self._asked_for
        self._has_records = True

    def _look_for_names(self, records: Sequence[Raw]) -> None:
        for record in records:
            found = members(record)
            self._unseen = {name for name in self._unseen if not _holds(found, name)}
            if not self._unseen:
                return
        if len(self._known) < _MAX_KNOWN_NAMES:
            self._known |= {path for path, _ in _fields(records[0])}

    @property
    def credentials(self) -> list[str]:
        """The fields in the file that hold what looks like a credential, and that ``fields`` does not name."""
        return sorted(self._credentials)

    def require_known(self) -> None:
        """Refuse names that no record had, unless there was no record.

        :raises UnknownFieldError: naming them, and what there is.
        """
        unknown = self.unknown()
        if not unknown:
            return
        argument, name = unknown[0]
        raise UnknownFieldError(
            f"{argument}: no record has {' or '.join(repr(each) for one, each in unknown if one == argument)}.",
            advice=f"{what_there_is(name, self._known)} If a name may be missing, set require_fields=False.",
        )

    def unknown(self) -> list[tuple[str, str]]:
        """Return the arguments and their names that no record had; nothing where there was no record."""
        if not self._has_records:
            return []
        return [(argument, name) for argument, names in self._names.items() for name in names if name in self._unseen]

    def report(self) -> None:
        """Warn of credentials in the complete file, and of names that no record had."""
        if self._credentials:
            names = self.credentials
            log.warning(
                "The file holds what looks like credentials, in plain text: %s. Leave them out with drop_fields=%s; "
                "name them in fields if they are meant.",
                one_line(", ".join(names)),
                one_line(repr(names)),
            )
        for argument, name in self.unknown():
            log.warning("%s: no record has %r.", argument, name)

    def to_dict(self) -> dict[str, Any]:
        """Return what was seen, as JSON."""
        return {
            "unseen": sorted(self._unseen),
            "known": sorted(self._known),
            "credentials": self.credentials,
            "has_records": self._has_records,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Resume from what :meth:`to_dict` gave."""
        self._unseen, self._known = set(saved["unseen"]), set(saved["known"])
        self._credentials, self._has_records = set(saved["credentials"]), saved["has_records"]


def _holds(found: Mapping[str, Raw], path: str) -> bool:
    """Return whether a field is in an object, or in an element of an array."""
    if path in found:
        return True
    dots = (at for at, sign in enumerate(path) if sign == ".")
    return any(path[:dot] in found and _holds_within(found[path[:dot]], path[dot + 1 :]) for dot in dots)


def _holds_within(value: Raw, path: str) -> bool:
    kind = first_byte(value)
    if kind == b"[":
        return any(_holds_within(element, path) for element in elements(value))
    return kind == b"{" and _holds(members(value), path)


def _credentials(record: Raw) -> Iterator[str]:
    for path, value in _fields(record):
        if is_credential_name(path) and bytes(memoryview(value)) not in _NO_CREDENTIALS:
            yield path


def _fields(record: Raw) -> Iterator[tuple[str, Raw]]:
    """Yield the fields of a record with their names, keys joined by dots: those of nested objects too.

    Undecoded: what cannot be decoded, such as a number that is more than a double holds, can be written all the same.
    """
    waiting = [("", record)]
    while waiting:
        path, value = waiting.pop()
        if path:
            yield path, value
        kind = first_byte(value)
        try:
            if kind == b"{":
                waiting += [(f"{path}.{key}" if path else key, inner) for key, inner in members(value).items()]
            elif kind == b"[":
                waiting += [(path, inner) for inner in elements(value) if first_byte(inner) in (b"{", b"[")]
        except ResponseError:  # nested too deep to be looked into
            continue
