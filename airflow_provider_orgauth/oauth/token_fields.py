"""Where the fields of a token answer stand: at the top, as RFC 6749 section 5.1 has it, or where else servers put them.

::

    {"access_token": "…", "expires_in": 300}
    {"accessToken": "…", "expiresIn": 300}
    {"code": 0, "data": {"access_token": "…", "expires_in": 300}}

A token in the RFC's place counts, whatever else is there: section 5.1 has a client ignore what it does not know. The
other places are searched only where there is none, and then there must be no doubt which token is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

READ = (
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "refresh_token_expires_in",
    "refresh_expires_in",
)
"""The fields that are read, in the RFC's spelling."""

_TOKEN = READ[0]

MAX_DEPTH = 2
"""Objects around the one with the token, at the most."""

_NAMES = {name.replace("_", ""): name for name in READ}


def canonical(name: str) -> str:
    """Return the RFC's spelling of a field: ``access_token`` for ``accessToken``; other names as they are."""
    return _NAMES.get(name.replace("_", "").replace("-", "").lower(), name)


def find_token_fields(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the fields of the token in ``answer``, in the RFC's spelling; where there is no token, those at the top.

    None: there are several tokens, and nothing says which is meant.
    """
    at_top = _spelled(answer)
    if _is_token(answer.get(_TOKEN)):
        return at_top
    if len(set(_tokens(answer, MAX_DEPTH))) > 1:
        return None
    return next((fields for fields in _objects(answer, {}, MAX_DEPTH) if _is_token(fields.get(_TOKEN))), at_top)


def _tokens(fields: Mapping[str, Any], deepest: int) -> Iterator[str]:
    """Yield the access tokens in ``fields`` and in the objects there, in whatever spelling."""
    for name, value in fields.items():
        if canonical(name) == _TOKEN and _is_token(value):
            yield value
        elif deepest and isinstance(value, Mapping):
            yield from _tokens(value, deepest - 1)


def _objects(fields: Mapping[str, Any], around: Mapping[str, Any], deepest: int) -> Iterator[dict[str, Any]]:
    """Yield ``fields``, then the objects in it. What one does not say itself, such as a type, those around it may."""
    here = _spelled(fields)
    all_said = {**around, **{name: value for name, value in here.items() if _says(value) or name not in around}}
    yield all_said
    inherited = {name: all_said[name] for name in READ if name in all_said and name != _TOKEN}
    for value in fields.values():
        if deepest and isinstance(value, Mapping):
            yield from _objects(value, inherited, deepest - 1)


def _spelled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields in the RFC's spelling. Where a server uses that beside its own, it counts; else the first.

    A null or an empty text says nothing, and hides nothing that is said in another spelling.
    """
    own = [(canonical(name), value) for name, value in reversed(list(fields.items()))]
    rfc = [(name, fields.get(name)) for name in READ]
    return {**dict(own), **{name: value for name, value in (*own, *rfc) if _says(value)}}


def _says(value: object) -> bool:
    return value is not None and value != ""


def _is_token(value: object) -> bool:
    return isinstance(value, str) and value != ""
