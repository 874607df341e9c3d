"""The names whose values are redacted: headers, query parameters, JSON keys, fields. One list, for every place.

The places are texts (log lines, a server's words, URLs), results in XCom, default headers, and the fields of an export.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

CREDENTIAL_NAMES = frozenset(
    {
        "token",
        "accesstoken",
        "apitoken",
        "authtoken",
        "bearertoken",
        "devicetoken",
        "idtoken",
        "oauthtoken",
        "personalaccesstoken",
        "privatetoken",
        "refreshtoken",
        "sessiontoken",
        "xaccesstoken",
        "xauthtoken",
        "secret",
        "apisecret",
        "clientsecret",
        "sharedsecret",
        "secretkey",
        "assertion",
        "clientassertion",
        "password",
        "passwd",
        "passphrase",
        "accesskey",
        "apikey",
        "subscriptionkey",
        "xapikey",
        "privatekey",
        "authorization",
        "proxyauthorization",
        "cookie",
        "setcookie",
    }
)
"""Without case, ``-`` and ``_``. Whole names only: ``nextPageToken`` and ``tokenType`` are no credentials."""

SECRET_WORDS = ("secret", "password", "passwd", "passphrase", "credential", "apikey", "privatekey", "accesskey")
"""What makes the name of a further token parameter one of a secret, wherever in the name it stands."""

LOOKED_AT_CHARACTERS = 100
"""Characters at the end of a name, or of the text before a value, that are looked at."""

_MAX_TIMES_ENCODED = 4
"""How often a name may be percent-encoded: once more in each URL inside a URL."""

_MAX_ENCODED_CHARACTERS = 2 + 2 * _MAX_TIMES_ENCODED + 4
"""Characters that an encoded or escaped letter has at most."""

_LAST_LETTERS = frozenset(name[-1] for name in CREDENTIAL_NAMES)
_MAY_BE_ENCODED = re.compile(r"[%\\]")
_SPACES = str.maketrans(" +", "--")
_OF_PAGES = frozenset({"page", "next", "continuation", "sync", "cursor", "previous", "prev"})
"""Words before ``token`` that make it the place where a list continues."""

_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_.\s]+")
_BETWEEN_WORDS = re.compile(r"[^\w\-\[\]]+", re.ASCII)
_BRACKETS = re.compile(r"[\[\]]+")
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")


def is_credential_name(name: object) -> bool:
    """Tell whether a value under this name is a credential."""
    return isinstance(name, str) and _is_one(name)


def may_be_secret_name(name: str) -> bool:
    """Tell whether a value that somebody gave this name in a connection is to be kept secret.

    More names than those of credentials in other people's texts: there, too much would be hidden. ``subject_token`` and
    ``accountSecret`` are found here, ``subject_token_type`` is not.
    """
    flat = re.sub(r"[^a-z0-9]", "", name.lower())
    return any(word in flat for word in SECRET_WORDS) or is_credential_name(_NEW_WORD.sub("-", name))


@lru_cache(maxsize=1024)  # the records of a list have the same names
def _is_one(name: str) -> bool:
    return ends_with_credential_name(name)


def ends_with_credential_name(text: str) -> bool:
    """Tell whether the last word of ``text``, such as all that comes before a value, is the name of a credential.

    It may be percent-encoded or escaped as in JSON, stand in brackets or before some (``filter[token]``, ``token[]``),
    and follow other words after a hyphen or a space, as headers and headings have it (``X-Vault-Token``, ``API Key``).
    """
    last = text[-1:].lower()
    if last.isalnum() and last not in _LAST_LETTERS and not _MAY_BE_ENCODED.search(text[-_MAX_ENCODED_CHARACTERS:]):
        return False  # as nearly all names of nearly all texts
    end = text[-LOOKED_AT_CHARACTERS:]
    for _ in range(_MAX_TIMES_ENCODED):
        if "%" in end:
            end = unquote(end)
    if "\\u" in end:
        end = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), end)
    end = end.translate(_SPACES)
    word = _BETWEEN_WORDS.split(end)[-1]
    if end.removesuffix(word).endswith("/"):  # a path, such as /oauth2/token, which an API counts calls of or describes
        return False
    return any(map(_is_name, _BRACKETS.split(word)))


def _is_name(word: str) -> bool:
    parts = word.replace("_", "").lower().split("-")
    return any(
        "".join(parts[first:]) in CREDENTIAL_NAMES and not (first and parts[first - 1] in _OF_PAGES)
        for first in range(len(parts))
    )
