"""The private key that signs, from a password field: in each form in which one is pasted.

A PEM; one whose line breaks became a backslash and an n, spaces or nothing, as a password box and ``.env`` files make
of them; one without its first and last line; a JWK (RFC 7517); a service account's JSON with its ``private_key``; and
base64 of any of these.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

COLUMNS = 64
"""Characters of a line of a PEM (RFC 7468 section 2)."""

MIN_SECRET_CHARACTERS = 8
"""Of a piece of a key that is worth hiding: the last line of a PEM may be a single character and padding."""

_BLOCK = re.compile(r"-{5}BEGIN ([A-Z0-9 ]+)-{5}(.*?)-{5}END \1-{5}", re.DOTALL)
_LINE_BREAK = re.compile(r"(?:\\+[rn]|\s)+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_SECRET_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "k")  # RFC 7518 section 6
_MAX_LAYERS = 4
_OF_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}


class AlgorithmError(ValueError):
    """A key was to sign by an algorithm that it is not for.

    :param alg: that one.
    :param allowed: those that it is for.
    """

    def __init__(self, alg: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{alg} is not among {', '.join(allowed)}")
        self.alg = alg
        self.allowed = allowed


class PrivateKeyError(ValueError):
    """The text holds no key that can sign. No word of this is from the text.

    :param problem: what is wrong, to follow the field's name.
    :param advice: what to do.
    """

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"{problem}. {advice}")
        self.problem = problem
        self.advice = advice


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that can sign.

    :param key: as ``cryptography`` has it.
    :param algorithms: of RFC 7518 and RFC 8037 that it can be used with, the usual one first.
    :param key_id: that a JWK names; else None.
    """

    key: Any = field(repr=False)
    algorithms: tuple[str, ...]
    key_id: str | None = None

    def algorithm(self, wanted: str | None) -> str:
        """Return the algorithm to sign with: the one that is wanted, or the usual one.

        :raises AlgorithmError: it is not for this kind of key.
        """
        if wanted is not None and wanted not in self.algorithms:
            raise AlgorithmError(wanted, self.algorithms)
        return wanted or self.algorithms[0]


@lru_cache(maxsize=8)  # it takes up to a second to check that an RSA key is one
def read_private_key(text: str) -> PrivateKey:
    """Return the key in ``text``.

    :raises PrivateKeyError: there is none, or none that can sign, or it is encrypted.
    """
    inmost = list(_layers(text))[-1]
    members = _json_object(inmost)
    if members is not None:
        return _of_jwk(members)
    blocks = _BLOCK.findall(inmost)
    for label, body in blocks:
        if label.endswith("PRIVATE KEY"):
            return _of_block(label, body)
    if blocks:
        raise PrivateKeyError(
            "holds a certificate or a public key, and no private key", "Paste the private key that belongs to it."
        )
    if "-----BEGIN" in inmost:
        raise PrivateKeyError("is the beginning of a PEM without its end", "Paste all of it, up to the END line.")
    return _of_der(_decoded(inmost))


def looks_like_private_key(text: str) -> bool:
    """Return whether ``text`` is one, or the beginning of one: to be quick, it is not tried."""
    inmost = list(_layers(text))[-1]
    members = _json_object(inmost)
    return "d" in members if members is not None else "PRIVATE KEY-----" in inmost


def secrets_in(text: str) -> Iterator[str]:
    """Yield what must never be seen of a private key: all of it, each line of it, the secret members of a JWK."""
    yield from (secret for secret in _all_secrets_in(text) if len(secret) >= MIN_SECRET_CHARACTERS)


def _all_secrets_in(text: str) -> Iterator[str]:
    for layer in _layers(text):
        yield layer
        members = _json_object(layer)
        if members is not None:
            yield from (value for name in _SECRET_MEMBERS if isinstance(value := members.get(name), str))
            continue
        for line in _LINE_BREAK.split(_BLOCK.sub(lambda block: f" {block[2]} ", layer)):
            yield line
            yield from (line[at : at + COLUMNS] for at in range(0, len(line), COLUMNS))


def _layers(text: str) -> Iterator[str]:
    """Yield ``text``, and what it is the wrapping of: base64, quotes, a service account's JSON."""
    for _ in range(_MAX_LAYERS):
        text = text.strip().strip("\"'").strip()
        yield text
        members = _json_object(text)
        inner = members.get("private_key") if members else _text_in_base64(text)
        if not isinstance(inner, str):
            return
        text = inner


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None


def _text_in_base64(text: str) -> str | None:
    try:
        inner = _decoded(text).decode("ascii")
    except (PrivateKeyError, UnicodeDecodeError):
        return None
    is_more = "-----BEGIN" in inner or _json_object(inner.strip()) or _BASE64.fullmatch(_LINE_BREAK.sub("", inner))
    return inner if is_more else None


def _decoded(text: str) -> bytes:
    compact = _LINE_BREAK.sub("", text)
    if _BASE64.fullmatch(compact):
        try:
            return b64decode(compact, validate=True)
        except binascii.Error:
            pass
    raise PrivateKeyError(
        "holds no private key",
        "Paste it as PEM (-----BEGIN PRIVATE KEY----- …), as base64 of that, or as JWK.",
    )


def _of_block(label: str, body: str) -> PrivateKey:
    if label == "ENCRYPTED PRIVATE KEY" or "ENCRYPTED" in body:
        raise _encrypted()
    if label == "OPENSSH PRIVATE KEY":
        raise PrivateKeyError(
            "holds a private key in OpenSSH's own format", "Write it as PEM: ssh-keygen -p -N '' -m PKCS8 -f key."
        )
    return _of_der(_decoded(body))


def _of_der(der: bytes) -> PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        key = load_der_private_key(der, password=None)
    except TypeError:  # so cryptography says that it wants a password
        raise _encrypted() from None
    except (ValueError, UnsupportedAlgorithm):
        raise PrivateKeyError(
            "holds what cannot be read as a private key",
            "If it is one, it was cut or changed: paste it again. A client secret is none.",
        ) from None
    return PrivateKey(key, _algorithms(key))


def _of_jwk(members: dict[str, Any]) -> PrivateKey:
    import jwt

    if "d" not in members:
        raise PrivateKeyError(
            "holds JSON that is no private key", "A private JWK has the member d: paste that one, not the public one."
        )
    try:
        key = jwt.PyJWK(members).key
    except Exception:  # whatever its members are, they are not repeated
        raise PrivateKeyError(
            "holds a JWK that cannot be read", "It may have been cut or changed: paste it again."
        ) from None
    key_id = members.get("kid")
    return PrivateKey(key, _algorithms(key), key_id if isinstance(key_id, str) else None)


def _algorithms(key: Any) -> tuple[str, ...]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256", "PS256", "RS384", "PS384", "RS512", "PS512"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _OF_CURVE:
        return (_OF_CURVE[key.curve.name],)
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return ("EdDSA",)
    raise PrivateKeyError(
        "holds a key of a kind that signs no JWT", "Use an RSA key, an EC key on P-256, P-384 or P-521, or Ed25519."
    )


def _encrypted() -> PrivateKeyError:
    return PrivateKeyError(
        "holds an encrypted private key, and there is no field for its passphrase",
        "Decrypt it first, Airflow encrypts it at rest: openssl pkey -in key.pem -out plain.pem.",
    )
