"""Find the values of credentials in a text, by their names: in a query, a form, JSON (also in JSON, or cut), headers.

The names are in :mod:`~.redacted_names`; this finds where a name ends, and where its value begins and ends. All of it
takes time in proportion to the text: a server may have written it to be slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from airflow_provider_orgauth.oauth.redacted_names import LOOKED_AT_CHARACTERS, ends_with_credential_name

# Escaped, or percent-encoded, once for each text that it is inside of: %253D is an = in a URL in a URL in a URL.
_QUOTE = r"""(?:(?<!\\)\\*["']|%(?:25){0,3}2[27])"""
_SIGN = "[:=]|%(?:25){0,3}3[ad]"

_AFTER_NAME = re.compile(rf"(?i)(?P<quote>{_QUOTE})?\s{{0,60}}(?P<sign>{_SIGN})")
_SPACE = re.compile(r"\s*")
_SPACE_IN_LINE = re.compile(r"[ \t]*")  # of prose or YAML, the next line is something else
_ENCODED_SPACE = re.compile(r"(?:\+|%(?:25){0,3}(?:20|2b|09|0a|0d)){0,20}", re.IGNORECASE)
_OPENING_QUOTE = re.compile(r"(?i)[bu]?(?P<quote>\\*[\"'])")
_ENCODED_QUOTE = re.compile("(?P<quote>%(?:25){0,3}2[27])")
_NAME_AT_END = re.compile(r"[\w\-\[\].]*\Z")
_NUMBER = re.compile(r"-?(?!0(?:\.0*)?(?![\d.]))\d[\d.eE+\-]*")
_BRACKET = re.compile(r"[\[\]{}]|%(?:25){0,3}[57][bd]", re.IGNORECASE)

# Up to the quote, escaped or not, that ends the string that it is in.
_IN_QUERY = re.compile(r"(?!(?:basic|bearer)\s)(?:(?!\\{1,20}[\"'])[^&\s\"'<>])+", re.IGNORECASE)
_COOKIES = re.compile(r"[^\s=\"']{1,100}=[^\r\n\"']*")
# A word with a digit in it, after the name of a scheme or not: in prose, "Invalid token: expired", there is no value.
_IN_HEADER = re.compile(
    r"(?:(?!basic|bearer)[a-z][a-z_-]*[ ])?(?=[a-z+/=_~.\-]*\d)[a-z0-9+/=_~.\-]{8,}", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class NamedValue:
    """Where the value of a credential stands in a text.

    :param quote: the quotes to put around a replacement, for a value that was no string in JSON; else empty.
    """

    start: int
    end: int
    quote: str = ""


def named_values(text: str) -> Iterator[NamedValue]:
    """Yield what stands under a credential's name in ``text``, in order."""
    done = 0
    for sign in _AFTER_NAME.finditer(text):
        start = sign.start()
        if start < done:
            continue
        before = text[max(done, start - LOOKED_AT_CHARACTERS) : start]
        if not ends_with_credential_name(before):
            continue
        value = _value(text, sign, before)
        if value is not None and value.start < value.end:
            yield value
            done = value.end


def _value(text: str, sign: re.Match[str], before: str) -> NamedValue | None:
    """Return where the value is.

    :param before: the text up to the end of the name.
    """
    is_encoded = sign["sign"] not in ("=", ":")
    space = _ENCODED_SPACE if is_encoded else _SPACE_IN_LINE if sign["quote"] is None else _SPACE
    at = _end(space, text, sign.end())
    opening = (_ENCODED_QUOTE if is_encoded else _OPENING_QUOTE).match(text, at)
    if opening is not None and (sign["quote"] is not None or _opens(text, opening["quote"], opening.end(), before)):
        return NamedValue(opening.end(), _closing(text, opening["quote"], opening.end()))
    if sign["quote"] is not None:
        if _BRACKET.match(text, at):
            return _in_brackets(text, at, sign["quote"])
        if number := _NUMBER.match(text, at):
            return NamedValue(at, number.end(), sign["quote"])
    found = None
    if is_encoded:
        found = _in_encoded_query(sign["sign"][1:-2]).match(text, sign.end())
    elif sign["sign"] == "=":
        found = _IN_QUERY.match(text, sign.end())
    elif sign["quote"] is None:
        found = (_COOKIES.match(text, at) if before.lower().endswith("cookie") else None) or _IN_HEADER.match(text, at)
    return found and NamedValue(*found.span())


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _opens(text: str, quote: str, at: int, before: str) -> bool:
    """Tell whether a quote after a name without quotes begins a value, and does not end the string the name is in.

    ``?token="`` may be the end of a string in JSON or HTML. A value ends on its line, with no separator in it.
    """
    if _NAME_AT_END.sub("", before).endswith(quote):  # as in 'token='
        return False
    found = re.compile(rf"[^\r\n,<>{{}}]*?{_unescaped(quote).pattern}", re.IGNORECASE).match(text, at)
    return found is not None and bool(text[at : found.end() - len(quote)].strip(" \t:;,"))


def _closing(text: str, quote: str, at: int) -> int:
    """Return where the string that begins at ``at`` ends: at the same quote, or where the text was cut."""
    found = _unescaped(quote).search(text, at)
    return len(text) if found is None else found.start()


def _in_brackets(text: str, at: int, quote: str) -> NamedValue | None:
    """Return the object or list that begins at ``at``, up to where the text was cut; None if it is empty."""
    depth, in_string = 0, False
    for found in re.compile(rf"{_unescaped(quote).pattern}|{_BRACKET.pattern}", re.IGNORECASE).finditer(text, at):
        if not _BRACKET.match(found[0]):
            in_string = not in_string
        elif not in_string:
            depth += -1 if found[0][-1] in "]}dD" else 1
        if depth == 0:
            within = text[at + len(found[0]) : found.start()]
            return NamedValue(at, found.end(), quote) if within.strip() else None
    return NamedValue(at, len(text), quote)


@lru_cache
def _in_encoded_query(level: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?!(?:basic|bearer)(?:\+|%{level}20))(?:(?!%{level}2[267])[^&\s\"'<>])+")


@lru_cache(maxsize=64)
def _unescaped(quote: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\\){re.escape(quote)}", re.IGNORECASE)
