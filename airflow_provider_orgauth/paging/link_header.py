"""Read a ``Link`` header (RFC 8288 section 3)."""

from __future__ import annotations

import re

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAM = re.compile(rf'\s*;\s*({_NAME})\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s";,]*))?', re.DOTALL)
_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def link_target(header: str, rel: str) -> str | None:
    """Return the target of the first link with that relation type, or None.

    Relation types compare without regard to case (section 2.1). A link with an ``anchor`` is about another resource
    (section 3.2), and passed over. So is what cannot be read.
    """
    position = 0
    while position < len(header):
        target = _TARGET.match(header, position)
        if target is None:
            # Not a link: go on after the next comma.
            position = header.find(",", position) + 1
            if not position:
                return None
            continue
        params, position = _params(header, target.end())
        if rel.lower() in params.get("rel", "").lower().split() and "anchor" not in params:
            return target[1]
    return None


def _params(header: str, position: int) -> tuple[dict[str, str], int]:
    """Return the parameters from ``position`` on, and where they end; of two with one name, the first counts."""
    params: dict[str, str] = {}
    while match := _PARAM.match(header, position):
        value = match[2] or ""
        if value.startswith('"'):
            value = _ESCAPED.sub(r"\1", value[1:-1])
        params.setdefault(match[1].lower(), value)
        position = match.end()
    return params, position
