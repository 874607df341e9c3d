"""Parameters of a request as numbers, and one page of a list: ``{"content": [...], "totalElements": N}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_orgauth.emulator.messages import Answer, ApiError, Request, json_answer
from airflow_provider_orgauth.emulator.settings import Settings

_UINT63 = 2**63


def number(request: Request, name: str, default: int | None = None) -> int:
    """Return an integer query parameter.

    :raises ApiError: 400, if it is missing without a default, no integer, or negative.
    """
    text = request.param(name)
    if not text:
        if default is None:
            raise ApiError(400, f"Parameter {name} is required.")
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _UINT63):
        raise ApiError(400, f"Parameter {name} is not a number.")
    return int(text)


def window(request: Request, settings: Settings) -> tuple[int, int]:
    """Return (offset, size) of the page asked for; a size over the limit is clamped, as the vendor's server does."""
    page, size = number(request, "page", 0), number(request, "size", settings.page_size)
    if size < 1:
        raise ApiError(400, "Parameter size is less than 1.")
    size = min(size, settings.page_limit)
    return page * size, size


def page_of(records: Sequence[Any], request: Request, settings: Settings) -> Answer:
    """Return the page of ``records`` that the request asks for; past the end it is empty."""
    offset, size = window(request, settings)
    return json_answer({"content": list(records[offset : offset + size]), "totalElements": len(records)})
