"""A request and its answer as values, so that what the emulator decides can be read without its sockets."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

API_PREFIX = "/api/v1/organization"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    :param path: decoded, without the query.
    :param query: the query's pairs in their order, decoded.
    :param headers: names in lower case; of a header that came twice, the last value.
    """

    method: str
    path: str
    query: Pairs = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    scheme: str = "http"

    def param(self, name: str) -> str | None:
        """Return the first query parameter of that name."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``headers`` are sent as they are, ``Content-Length`` is added."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Pairs = field(default=(), repr=False)


class ApiError(Exception):
    """A request that the API refuses: ``{"error": {"message": …}}`` with ``status``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def json_answer(payload: Any, status: int = 200, headers: Pairs = ()) -> Answer:
    """Return ``payload`` as JSON."""
    # Of what JSON can say, UTF-8 lacks only lone surrogates; Python writes them as JSON does: \ud800.
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
    return Answer(status, body, (("Content-Type", "application/json"), *headers))


def api_error(status: int, message: str, headers: Pairs = ()) -> Answer:
    """Return ``{"error": {"message": …}}``, the error of the API (not of the token endpoint)."""
    return json_answer({"error": {"message": message}}, status, headers)


def json_object(body: bytes) -> dict[str, Any]:
    """Return ``body`` parsed.

    :raises ApiError: 400, if it is not a JSON object.
    """
    try:
        parsed = json.loads(body, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise ApiError(400, "The request body is not a JSON object.")
    return parsed


def _refused(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are Python's: RFC 8259 section 6 has none


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refused(text)


def bearer_token(request: Request) -> str:
    """Return the access token of a request, or an empty text."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def form_pairs(encoded: str) -> Pairs:
    """Return the pairs of a query string or a form body."""
    return tuple(parse_qsl(encoded, keep_blank_values=True, errors="replace"))


def header_pairs(headers: Mapping[str, str] | Iterable[Iterable[str]]) -> Pairs:
    """Return headers given as an object or as a list of pairs, the form that allows a name twice.

    :raises ValueError: if they are neither.
    """
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    try:
        return tuple((str(name), str(value)) for name, value in pairs)
    except TypeError:
        raise ValueError("headers want an object, or a list of [name, value]") from None
