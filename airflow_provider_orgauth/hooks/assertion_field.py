"""Read the field ``oauth_jwt``: what a connection says of the JWTs that its client signs."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.assertion_settings import ALGORITHMS, OWN_CLAIMS, AssertionSettings

if TYPE_CHECKING:
    from airflow_provider_orgauth.hooks.field import Field

_MEMBERS = ("alg", "kid", "x5t#S256", "aud", "claims")
_SHA256_BYTES = 32
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def read_oauth_jwt(field: Field, members: dict[str, Any]) -> AssertionSettings:
    """Return the settings; a thumbprint in hexadecimal, as consoles show it, becomes what the header wants.

    :param members: of the JSON object that was typed.
    :raises ConfigurationError: naming the field, and the member that is wrong.
    """
    given = {name: value for name, value in members.items() if value is not None}
    for name in given.keys() - set(_MEMBERS):
        raise _wrong(field, f"has {name!r}", f"It takes {', '.join(_MEMBERS)}; claims go into claims.")
    alg = given.get("alg")
    if alg is not None and alg not in ALGORITHMS:
        raise _wrong(field, "names an unknown alg", f"Write one of {', '.join(ALGORITHMS)}, or none.")
    return AssertionSettings(
        alg=alg,
        kid=_text(field, "kid", given),
        thumbprint=_thumbprint(field, _text(field, "x5t#S256", given)),
        aud=_audience(field, given.get("aud")),
        claims=_claims(field, given.get("claims", {})),
    )


def _text(field: Field, name: str, given: dict[str, Any]) -> str | None:
    value = given.get(name)
    if value is not None and not (isinstance(value, str) and value):
        raise _wrong(field, f"has a {name} that is no text", "Put it in quotes.")
    return value


def _thumbprint(field: Field, value: str | None) -> str | None:
    if value is None:
        return None
    digits = re.sub(r"[:\s]", "", value)
    try:
        digest = bytes.fromhex(digits) if _HEX.fullmatch(digits) else urlsafe_b64decode(value.rstrip("=") + "=")
    except ValueError:
        digest = b""
    if len(digest) != _SHA256_BYTES:
        raise _wrong(
            field,
            "has an x5t#S256 that is no SHA-256",
            "Write the certificate's SHA-256 thumbprint: openssl x509 -noout -fingerprint -sha256 -in cert.pem.",
        )
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _audience(field: Field, value: Any) -> str | tuple[str, ...] | None:
    several = value if isinstance(value, list) else [value]
    if value is None:
        return None
    if not several or not all(isinstance(one, str) and one for one in several):
        raise _wrong(field, "has an aud that is no text", 'Write it as "https://server.example", or a list of these.')
    return tuple(several) if isinstance(value, list) else str(value)


def _claims(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(field, "has claims that are no JSON object", 'Write them as {"scope": "read"}.')
    for name in OWN_CLAIMS:
        if name in value:
            what = "has a place of its own beside claims" if name == "aud" else "is made anew for each assertion"
            raise _wrong(field, f"has the claim {name}, which {what}", "Remove it from claims.")
    if not all(value.get(name) is None or isinstance(value[name], str) for name in ("iss", "sub")):
        raise _wrong(field, "has an iss or sub that is no text", "Put it in quotes.")
    return value


def _wrong(field: Field, problem: str, advice: str) -> ConfigurationError:
    return ConfigurationError(f"{field.name} ({field.label})", problem, advice=advice)
