"""An error on its way from the triggerer to the worker, where it is raised again with its own type."""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth import exceptions
from airflow_provider_orgauth.exceptions import ApiError, ConfigurationError, ForeignOriginError, OrgAuthError

MAX_TEXT_CHARACTERS = 4_000
"""Of each text of an error: all of an event goes into a row of Airflow's database."""

_TEXTS = ("message", "advice", "error", "server_message")
_NUMBERS = ("status", "retry_after")

_OWN_TEXTS: dict[type[OrgAuthError], tuple[str, ...]] = {
    ConfigurationError: ("field",),
    ForeignOriginError: ("problem", "server"),
}
"""Of one class alone."""


def payload_of(error: OrgAuthError) -> dict[str, Any]:
    """Return an error as JSON; its texts hold no credentials, as all of this provider's.

    ::

        {"type": "ApiForbiddenError", "message": "…", "advice": "…", "status": 403}
    """
    payload: dict[str, Any] = {"type": type(error).__name__, "message": error.message[:MAX_TEXT_CHARACTERS]}
    for name in (*_TEXTS[1:], *_own_texts(type(error)), *_NUMBERS):
        value = getattr(error, name)
        if value not in (None, ""):
            payload[name] = value[:MAX_TEXT_CHARACTERS] if isinstance(value, str) else value
    return payload


def error_of(payload: dict[str, Any]) -> OrgAuthError:
    """Return the error of a payload. One of a type that is not known here is an :class:`OrgAuthError`."""
    kind: Any = getattr(exceptions, str(payload.get("type")), None)
    if not (isinstance(kind, type) and issubclass(kind, OrgAuthError)):
        kind = OrgAuthError
    error: OrgAuthError = kind.__new__(kind)
    OrgAuthError.__init__(
        error,
        str(payload.get("message") or "An error of the triggerer."),
        advice=str(payload.get("advice") or ""),
        status=payload.get("status"),
        error=payload.get("error"),
        server_message=str(payload.get("server_message") or ""),
        retry_after=payload.get("retry_after"),
    )
    for name in _own_texts(kind):
        setattr(error, name, str(payload.get(name) or ""))
    if isinstance(error, ApiError):
        error.response = None
    return error


def _own_texts(kind: type[OrgAuthError]) -> tuple[str, ...]:
    return next((names for owner, names in _OWN_TEXTS.items() if issubclass(kind, owner)), ())
