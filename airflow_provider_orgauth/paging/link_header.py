"""Read a ``Link`` header (RFC 8288 section 3), as its appendix B.2 does it: what cannot be read is skipped."""

from __future__ import annotations

import re

# Nothing here looks at a character more than a few times: a server's header may be long, and made to take long.
_SEPARATORS = re.compile(r"[\s,]*")
_PARAM = re.compile(
    r"""\s*;\s*([^\s=;,]*)\s*                    # a name, which the appendix lets be anything, even empty
    (?:=\s*(?:"((?:[^"\\]|\\.)*)(?:"|\\?\Z)      # a quoted value; one that is not closed ends with the header
             |([^;,]*)))?                        # or a bare one""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def link_target(header: str, rel: str) -> str | None:
    """Return the target of the first link with that relation type, or None.

    Relation types compare without regard to case (section 2.1). A link with an ``anchor`` is about another resource
    (section 3.2), and skipped.
    """
    position = 0
    while (position := _end(_SEPARATORS, header, position)) < len(header):
        if header[position] != "<":
            # Not a link: continue at the next comma.
            position = header.find(",", position)
            if position < 0:
                return None
            continue
        end = header.find(">", position)
        if end < 0:
            return None
        target = header[position + 1 : end]
        params, position = _params(header, end + 1)
        if rel.lower() in params.get("rel", "").lower().split() and "anchor" not in params:
            return target
    return None


def _params(header: str, position: int) -> tuple[dict[str, str], int]:
    """Return the parameters from ``position`` on, and where they end; of two with one name, the first counts."""
    params: dict[str, str] = {}
    while match := _PARAM.match(header, position):
        name, quoted, bare = match.groups()
        value = (bare or "").rstrip() if quoted is None else _ESCAPED.sub(r"\1", quoted)
        params.setdefault(name.lower(), value)
        position = match.end()
    return params, position


def _end(pattern: re.Pattern[str], header: str, position: int) -> int:
    match = pattern.match(header, position)
    return match.end() if match else position
