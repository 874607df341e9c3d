"""What was typed into one field of a connection's ``extra``, as its setting wants it.

It was typed in a form, in JSON, or in a URI, where everything is text. Each function takes the field and what was
typed, and raises a ``ConfigurationError`` that names the field and what is allowed. Nothing heavy is imported before
something is parsed: Airflow imports the form's declaration, which names these functions, whenever it starts.
"""

from __future__ import annotations

import json
import math
import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_orgauth.exceptions import ConfigurationError
    from airflow_provider_orgauth.hooks.field import Field
    from airflow_provider_orgauth.oauth.assertion_settings import AssertionSettings

_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "no", "n", "off", "0"), False),
}

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")  # RFC 6749 section 3.3


def parse_field(field: Field, typed: Any) -> Any:
    """Return the setting for what was typed, or None where nothing was.

    :raises ConfigurationError: naming the field and what is allowed.
    """
    if isinstance(typed, str):
        typed = typed.strip()
    if typed is None or typed == "":
        return None
    return (field.parse or OF_KIND[field.kind])(field, typed)


def choice(field: Field, typed: Any) -> str:
    """Return one of the field's choices."""
    if typed not in field.choices:
        raise _wrong(field, typed, f"one of {', '.join(field.choices)}")
    return str(typed)


def text(field: Field, typed: Any) -> str:
    """Return a text."""
    # A form's "true" and JSON's true mean the same to a user.
    found = json.dumps(typed) if isinstance(typed, bool) else typed
    if not isinstance(found, str):
        raise _wrong(field, typed, "a text")
    return found


def number(field: Field, typed: Any) -> float:
    """Return a number in the field's range."""
    return _in_range(field, typed, "a number")


def integer(field: Field, typed: Any) -> int:
    """Return a whole number in the field's range."""
    return int(_in_range(field, typed, "a whole number", is_allowed=float.is_integer))


def integers(field: Field, typed: Any) -> frozenset[int]:
    """Return whole numbers in the field's range, of a list or of a text with commas."""
    given = typed if isinstance(typed, list) else [typed]
    if isinstance(typed, str):  # in a URI, JSON is text as well
        given = [part.strip() for part in typed.removeprefix("[").removesuffix("]").split(",")]
    for one in given:
        digits = isinstance(one, str) and len(one) < 10 and one.isascii() and one.isdigit()
        whole = isinstance(one, int) and not isinstance(one, bool)
        if not (digits or whole) or not field.minimum <= int(one) <= field.maximum:
            raise _wrong(field, one, f"whole numbers {field.range}, separated by commas: {field.placeholder}")
    return frozenset(map(int, given))


def flag(field: Field, typed: Any) -> bool:
    """Return what a yes-or-no word means."""
    meant = _flag(typed)
    if meant is None:
        raise _wrong(field, typed, "true or false")
    return meant


def json_object(field: Field, typed: Any) -> dict[str, Any]:
    """Return a JSON object."""
    if isinstance(typed, str):
        try:
            typed = json.loads(typed)
        except (ValueError, RecursionError):
            typed = None
    if not isinstance(typed, dict):
        # Not quoted: a header may be a secret.
        raise _refused(_name(field), "is not a JSON object", f"Write it as {field.placeholder}.")
    return typed


def scope(field: Field, typed: Any) -> str:
    """Return scopes with one space between them (RFC 6749 section 3.3)."""
    scopes = " ".join(text(field, typed).split())
    if not _SCOPE.fullmatch(scopes):
        raise _refused(
            field.name, 'holds a character that no scope may have (such as ", \\ or an accent)', "Correct it."
        )
    return scopes


def oauth_jwt(field: Field, typed: Any) -> AssertionSettings:
    """Return what goes into the JWTs that the client signs."""
    from airflow_provider_orgauth.hooks.assertion_field import read_oauth_jwt

    return read_oauth_jwt(field, json_object(field, typed))


def retry_statuses(field: Field, typed: Any) -> frozenset[int]:
    """Return HTTP statuses, none of which has a rule of its own."""
    from airflow_provider_orgauth.client.retryable import NOT_TO_NAME

    statuses = integers(field, typed)
    if not_to_name := sorted(statuses & set(NOT_TO_NAME)):
        raise _refused(
            _name(field),
            f"names {not_to_name[0]}, which has a rule of its own",
            "Leave it out: a 401 gets a renewed token, a 403 for a rate limit waits, and a plain 403 or a "
            "proxy's 407 is final.",
        )
    return statuses


def verify(field: Field, typed: Any) -> bool | str:
    """Return whether certificates are checked, or the path of the CA bundle that they are checked with."""
    path = text(field, typed)
    meant = _flag(path)
    if meant is not None:
        return meant
    if not os.path.exists(path):
        raise _refused(
            _name(field),
            f"is {path!r}, and there is no such file on this machine",
            "Write true, false, or the path of a CA bundle that every worker has.",
        )
    return path


def headers(field: Field, typed: Any) -> dict[str, str]:
    """Return header names and values that every request can carry (RFC 9110 section 5)."""
    from airflow_provider_orgauth.client import request_validation

    remove = "Remove it from the default headers."
    found: dict[str, str] = {}
    for name, content in json_object(field, typed).items():
        # White space around a value is not part of it (RFC 9110 section 5.5), and requests refuses it.
        value = (content if isinstance(content, str) else json.dumps(content)).strip()
        if not request_validation.TOKEN.fullmatch(name):
            raise _refused(field.name, f"{name!r} is not a header name", "Correct the name.")
        if name.lower() in request_validation.FRAMING | {"host"}:
            raise _refused(field.name, f"sets {name}, which each request sets itself", remove)
        if not request_validation.is_header_value(value) or "\t" in value:
            raise _refused(
                field.name, f"the value of {name!r} holds a character that no header may have", "Correct it."
            )
        found[name] = value
    return found


def api_header(field: Field, typed: Any) -> str:
    """Return the header for the token: its name and one word before the token, or the name alone."""
    from airflow_provider_orgauth.client import request_validation

    name, _, scheme = (part.strip() for part in text(field, typed).partition(":"))
    if not request_validation.TOKEN.fullmatch(name) or not request_validation.TOKEN.fullmatch(scheme or "x"):
        raise _refused(  # not quoted: somebody may have put a token there
            _name(field),
            "is not the name of a header, or a name and a scheme",
            "Write Authorization: Bearer, another scheme, or a name alone such as X-Shopify-Access-Token.",
        )
    if name.lower() in request_validation.NOT_FOR_TOKENS:
        raise _refused(_name(field), f"names {name}, which is for something else", "Name the one that the API reads.")
    return f"{name}: {scheme}" if scheme else name


def oauth_params(field: Field, typed: Any) -> dict[str, Any]:
    """Return further parameters of a token request."""
    from airflow_provider_orgauth.hooks.token_params import checked_params

    return checked_params(json_object(field, typed))


def refresh_token(field: Field, typed: Any) -> str:
    """Return a refresh token: visible ASCII characters (RFC 6749 appendix A.17)."""
    if not isinstance(typed, str) or not (typed.isascii() and typed.isprintable()) or " " in typed:
        # Not quoted: it is a secret.
        raise _refused(
            _name(field), "is not a text of visible ASCII characters", "Paste it again, as the server gave it."
        )
    return typed


OF_KIND = {
    "choice": choice,
    "text": text,
    "number": number,
    "integer": integer,
    "integers": integers,
    "flag": flag,
    "object": json_object,
}
"""What parses a field of a kind, where the field names nothing else."""


def _in_range(field: Field, typed: Any, kind: str, *, is_allowed: Any = math.isfinite) -> float:
    try:
        found = float(typed) if isinstance(typed, int | float | str) and not isinstance(typed, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not field.minimum <= found <= field.maximum or not is_allowed(found):  # NaN is in no range
        raise _wrong(field, typed, f"{kind} {field.range}")
    return found


def _flag(typed: Any) -> bool | None:
    return typed if isinstance(typed, bool) else _FLAGS.get(str(typed).strip().lower())


def _wrong(field: Field, typed: Any, allowed: str) -> ConfigurationError:
    shown = typed if isinstance(typed, str | int | float) else type(typed).__name__
    return _refused(_name(field), f"is {str(shown)[:60]!r}", f"Write {allowed}.")


def _refused(name: str, problem: str, advice: str) -> ConfigurationError:
    from airflow_provider_orgauth.exceptions import ConfigurationError

    return ConfigurationError(name, problem, advice=advice)


def _name(field: Field) -> str:
    return f"{field.name} ({field.label})"
