"""What an answer of the token endpoint means (RFC 6749 sections 5.1 and 5.2), as servers really give it.

A good answer::

    {"access_token": "…", "token_type": "Bearer", "expires_in": 300, "refresh_token": "…"}

A refusal::

    {"error": "invalid_client", "error_description": "Client ID is not found or password is wrong."}

Other spellings and places of these fields are in :mod:`~.token_fields`, other words for Bearer in :mod:`~.token_type`.

Nothing here raises: :func:`read_answer` gives a :class:`Token` or a :class:`Refusal` for any bytes whatever.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_orgauth.oauth import token_fields, token_type
from airflow_provider_orgauth.oauth.charset import text_of
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.oauth.token import Token

MAX_TOKEN_ANSWER_BYTES = 64 * 1024
"""Bytes of a token answer that are read; real ones have a few hundred."""

DEFAULT_LIFETIME_SECONDS = 300.0
"""Seconds assumed where the server does not say: the shortest the vendor documents. A 401 corrects a wrong guess."""

MAX_LIFETIME_SECONDS = 366 * 86400.0
"""Seconds: a longer promise is cut to this, so that an absurd number cannot break the arithmetic."""

_VISIBLE = re.compile(r"[\x20-\x7e]+")  # VSCHAR, RFC 6749 appendix A.12: anything else could split a header
_READ_FIELDS = frozenset({*token_fields.READ, "error", "error_description"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,29}")


class Reason(StrEnum):
    """Why there is no token: the codes of RFC 6749 section 5.2, and the other failures that servers have."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_SCOPE = "invalid_scope"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REDIRECT = "redirect"
    UNAVAILABLE = "unavailable"
    PROXY = "proxy"
    UNUSABLE = "unusable"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    UNSUITABLE = "unsuitable"


RFC_6749_CODES = frozenset(
    {
        Reason.INVALID_REQUEST,
        Reason.INVALID_CLIENT,
        Reason.INVALID_GRANT,
        Reason.UNAUTHORIZED_CLIENT,
        Reason.UNSUPPORTED_GRANT_TYPE,
        Reason.INVALID_SCOPE,
    }
)
"""Section 5.2. Only these are read from answers: the other reasons are ours, and no server's code stands for them."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer as bytes.

    :param headers: with lower-case names.
    :param body: at most ``MAX_TOKEN_ANSWER_BYTES`` + 1 bytes.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The endpoint answered, and it was no token.

    :param error: the server's own code, if it gave one.
    :param message: the server's words or ours, on one line, without credentials.
    :param location: for a redirect, where the server points.
    """

    reason: Reason
    status: int
    message: str
    error: str | None = None
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_answer(answer: HttpAnswer, *, sent_at: float, secrets: frozenset[str] = frozenset()) -> Token | Refusal:
    """Return the token of an answer, or why there is none.

    :param sent_at: epoch seconds just before the request was sent.
    :param secrets: what the request carried, to be cut from the server's words.
    """
    if len(answer.body) > MAX_TOKEN_ANSWER_BYTES:
        return _refusal(answer, Reason.UNUSABLE, f"the answer is longer than {MAX_TOKEN_ANSWER_BYTES // 1024} KiB")
    if 300 <= answer.status < 400:
        location = _location(answer, secrets)
        return _refusal(answer, Reason.REDIRECT, f"a redirect to {location or 'nowhere'}", location=location)
    fields, fault = json_object(answer)
    if not 200 <= answer.status < 300:
        return _read_refusal(answer, fields, secrets)
    if fields is None:
        return _refusal(answer, Reason.UNUSABLE, fault + _content_kind(answer, secrets))
    # Some servers report an error with 200. It decides, whatever else is there, unless there is a token.
    if fields.get("error") and fields.get("access_token") is None:
        return _read_refusal(answer, fields, secrets)
    found = token_fields.find_token_fields(fields)
    if found is None:
        return _refusal(answer, Reason.AMBIGUOUS, "the answer has several access tokens, none in its place")
    if "access_token" not in found and "error" in fields:
        return _read_refusal(answer, fields, secrets)
    return _read_token(answer, found, sent_at, secrets)


def _location(answer: HttpAnswer, secrets: frozenset[str]) -> str:
    """Return where a redirect leads, without its query; an empty text if that is no URL."""
    location = one_line(answer.headers.get("location", ""), secrets).partition("?")[0]
    try:
        urlsplit(location)
    except ValueError:
        return ""
    return location


def _read_token(
    answer: HttpAnswer, fields: Mapping[str, Any], sent_at: float, secrets: frozenset[str]
) -> Token | Refusal:
    access_token, refresh_token = fields.get("access_token"), fields.get("refresh_token")
    if access_token is None:
        return _refusal(answer, Reason.MISSING, f"the answer has no access_token{_instead(fields, secrets)}")
    if not _is_opaque(access_token):
        return _refusal(answer, Reason.UNUSABLE, "access_token is not a string of visible ASCII characters")
    if refresh_token not in (None, "") and not _is_opaque(refresh_token):
        return _refusal(answer, Reason.UNUSABLE, "refresh_token is not a string of visible ASCII characters")
    fault = token_type.fault_of(fields.get("token_type"))
    if fault:
        kind = one_line(str(fields["token_type"]), secrets)[:40]
        return _refusal(answer, Reason.UNSUITABLE, f"token_type {kind!r} {fault}")
    refresh_seconds = fields.get("refresh_token_expires_in", fields.get("refresh_expires_in"))
    return Token(
        access_token=access_token,
        issued_at=sent_at,
        lifetime=_lifetime(fields.get("expires_in")) or DEFAULT_LIFETIME_SECONDS,
        refresh_token=refresh_token or None,
        refresh_lifetime=_lifetime(refresh_seconds),
    )


def _instead(fields: Mapping[str, Any], secrets: frozenset[str]) -> str:
    """Return what is in an answer instead of a token: the server's own words, else the names of its fields."""
    words = next((fields[name] for name in ("message", "msg", "errmsg") if isinstance(fields.get(name), str)), "")
    if words:
        return f", but says: {one_line(words, secrets)}"
    names = one_line(", ".join(sorted(filter(_NAME.fullmatch, fields))[:8]), secrets)
    return f", only {names}" if names else ""


def _lifetime(value: object) -> float | None:
    """Read seconds as servers write them: 300, 300.0, "300". None where the value makes no sense.

    Zero and less come from servers that mean "no limit" or "not known". They are handled as a missing value is: by a
    guess that the API's 401 corrects.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except OverflowError:  # an integer beyond any float
        return MAX_LIFETIME_SECONDS if isinstance(value, int) and value > 0 else None
    except ValueError:
        return None
    if math.isnan(seconds) or seconds <= 0:
        return None
    return min(seconds, MAX_LIFETIME_SECONDS)


def _read_refusal(answer: HttpAnswer, fields: dict[str, Any] | None, secrets: frozenset[str]) -> Refusal:
    error, description = None, ""
    if fields is not None:
        raw = fields.get("error")
        if isinstance(raw, dict):  # the API's own envelope: {"error": {"message": "…"}}
            description = raw.get("message") or ""
        elif raw is not None:
            error = one_line(str(raw), secrets)[:80]
        description = fields.get("error_description") or description or fields.get("message") or ""
    message = one_line(str(description), secrets)
    return _refusal(answer, _reason(answer.status, error), message, error=error)


def _reason(status: int, error: str | None) -> Reason:
    if status in (408, 425, 429) or status >= 500:
        return Reason.UNAVAILABLE
    if status == 407:  # RFC 9110 section 15.5.8: never the server itself
        return Reason.PROXY
    if error in RFC_6749_CODES:
        return Reason(error)
    # A wrong secret comes as 400, 401 or 403, sometimes with nothing else to go by.
    by_status = {
        401: Reason.INVALID_CLIENT,
        403: Reason.FORBIDDEN,
        404: Reason.NOT_FOUND,
        405: Reason.NOT_FOUND,
    }
    return by_status.get(status, Reason.INVALID_REQUEST)


def json_object(answer: HttpAnswer) -> tuple[dict[str, Any] | None, str]:
    """Return the JSON object in the body, and what is there instead of one. ``Content-Type`` is not trusted."""
    if not answer.body.strip():
        return None, "the answer is empty"
    repeated: list[str] = []

    def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) != len(pairs):
            names = [name for name, _ in pairs]
            twice = {token_fields.canonical(name) for name in names if names.count(name) > 1}
            repeated.extend(sorted(twice & _READ_FIELDS))
        return fields

    try:
        parsed = json.loads(text_of(answer.body, answer.headers.get("content-type", "")), object_pairs_hook=no_repeats)
    except (
        ValueError,
        RecursionError,
    ):  # ValueError: bad JSON, no text, or a number of thousands of digits
        return None, "the answer is not JSON"
    if not isinstance(parsed, dict):
        return None, "the answer is not a JSON object"
    if repeated:  # which of the two would the server have meant? RFC 6749 section 5 forbids it
        return None, f"the answer has {' and '.join(repeated)} more than once"
    return parsed, ""


def _content_kind(answer: HttpAnswer, secrets: frozenset[str]) -> str:
    kind = one_line(answer.headers.get("content-type", ""), secrets).partition(";")[0][:60]
    looks_html = b"<html" in answer.body[:1024].lower() or b"<!doctype" in answer.body[:1024].lower()
    if looks_html:
        return " but an HTML page"
    return f" (content type {kind})" if kind else ""


def _is_opaque(value: object) -> bool:
    return isinstance(value, str) and _VISIBLE.fullmatch(value) is not None


def _refusal(
    answer: HttpAnswer, reason: Reason, message: str, *, error: str | None = None, location: str | None = None
) -> Refusal:
    return Refusal(reason, answer.status, message, error=error, location=location, headers=answer.headers)
