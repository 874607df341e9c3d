"""What credentials are called: one list, for texts, for results in XCom and for files."""

from __future__ import annotations

from functools import lru_cache

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
        "clientsecret",
        "secretkey",
        "clientassertion",
        "password",
        "passwd",
        "accesskey",
        "apikey",
        "subscriptionkey",
        "xapikey",
        "privatekey",
        "authorization",
    }
)
"""Without case, ``-`` and ``_``. Whole names only: ``nextPageToken`` and ``tokenType`` are no credentials."""

ANY_SPELLING = "|".join("[-_]*".join(name) for name in sorted(CREDENTIAL_NAMES))
"""A regular expression for any of them, with ``-`` and ``_`` anywhere; to be used without regard to case."""


def is_credential_name(name: object) -> bool:
    """Tell whether a value under this name is a credential."""
    return isinstance(name, str) and _is_one(name)


@lru_cache(maxsize=1024)  # the records of a list have the same names
def _is_one(name: str) -> bool:
    return name.replace("-", "").replace("_", "").lower() in CREDENTIAL_NAMES
