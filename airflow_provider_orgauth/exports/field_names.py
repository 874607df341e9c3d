"""Names of fields as users write them: keys joined by dots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

_SHOWN_NAMES = 20
"""Names of fields that an error shows, at most."""


def names_of(argument: str, given: Any) -> list[str]:
    """Return the names in ``fields`` or ``drop_fields``.

    :raises ConfigurationError: it is no list of names, or there is none in it.
    """
    names = [] if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable) else [*given]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ConfigurationError(argument, "is no list of names", advice=f'Write {argument}=["token"].')
    return names


def dropped_of(given: Any) -> list[str]:
    """Return the names in ``drop_fields``; an empty list leaves out nothing."""
    return [] if not given and not isinstance(given, str) else names_of("drop_fields", given)


def key_of(given: Any) -> tuple[str, ...]:
    """Return the names in ``unique_by``: a name, or a list of them.

    :raises ConfigurationError: there is none in it.
    """
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not names or not all(isinstance(it, str) and it for it in names):
        raise ConfigurationError("unique_by", "is no name of a field", advice='Write unique_by="id".')
    return tuple(names)


def what_there_is(name: str, known: Iterable[str]) -> str:
    """Return a sentence for an error about an unknown field: the nearest known name, and all known ones.

    :param known: names of fields that there are; of nested ones, keys joined by dots.
    """
    # For an error alone: each DAG file that is parsed imports this one.
    from difflib import get_close_matches

    from airflow_provider_orgauth.oauth.text_redaction import one_line

    names = sorted(known)
    lower = {each.lower(): each for each in names}
    likely = get_close_matches(name.lower(), lower, n=2)
    top = [each for each in names if "." not in each] or names
    more = f", and {len(top) - _SHOWN_NAMES} more" if len(top) > _SHOWN_NAMES else ""
    has = f"Records have {', '.join(map(repr, top[:_SHOWN_NAMES]))}{more}." if top else "Records have no fields."
    return one_line(f"Did you mean {' or '.join(repr(lower[each]) for each in likely)}? {has}" if likely else has)
