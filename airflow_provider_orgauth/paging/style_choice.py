"""From what a user writes to a style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.paging.callable import CallablePagination
from airflow_provider_orgauth.paging.cursor import CursorPagination
from airflow_provider_orgauth.paging.link import LinkPagination
from airflow_provider_orgauth.paging.offset import OffsetPagination
from airflow_provider_orgauth.paging.page_number import PageNumberPagination
from airflow_provider_orgauth.paging.single import SinglePage
from airflow_provider_orgauth.paging.style import Pagination, field_names

STYLES: dict[str, type[Pagination]] = {
    style.type: style
    for style in (PageNumberPagination, OffsetPagination, CursorPagination, LinkPagination, SinglePage)
}
"""By name, in the order in which a dict without ``type`` is tried."""


def pagination_of(given: Pagination | Mapping[str, Any] | str | Callable[..., Any] | None) -> Pagination:
    """Return the style that was given: as a value, its name, a dict of its fields, a function, or None for one page.

    A dict without ``type`` is the first style that has all its keys.

    :raises ConfigurationError: it is none of these, or has a field that does not exist or cannot be.
    """
    match given:
        case None:
            return SinglePage()
        case Pagination():
            return given
        case str():
            return _style({"type": given})
        case Mapping():
            return _style(given)
        case _ if callable(given):
            if given in STYLES.values():
                advice = f"Write {given.__name__}() with brackets."
                raise ConfigurationError("pagination", "is a class, not a style", advice=advice)
            return CallablePagination(given)
    raise ConfigurationError(
        "pagination",
        f"is {type(given).__name__}",
        advice='Give a style such as PageNumberPagination(), a dict such as {"type": "cursor"}, or a function.',
    )


def check_records(records: Any) -> None:
    """Refuse what does not say where the records are: keys joined by dots, or None for the one array in an answer.

    :raises ConfigurationError: naming ``records``.
    """
    if not isinstance(records, str | None):
        raise ConfigurationError(
            "records", f"is {type(records).__name__}", advice='Write keys joined by dots: "data.items".'
        )


def _style(given: Mapping[str, Any]) -> Pagination:
    values = {str(key): value for key, value in given.items() if key != "type"}
    if "type" in given:
        style = STYLES.get(str(given["type"]))
        if style is None:
            raise ConfigurationError(
                "pagination.type", f"is {str(given['type'])[:100]!r}", advice=f"Write one of {', '.join(STYLES)}."
            )
    else:
        # Where none has them all, the nearest one: it says best what is wrong.
        style = max(STYLES.values(), key=lambda style: len(values.keys() & field_names(style)))
    for name in values:
        if name not in field_names(style):
            likely = get_close_matches(name, field_names(style), n=1)
            meant = f"Did you mean {likely[0]!r}?" if likely else f"It has {', '.join(sorted(field_names(style)))}."
            raise ConfigurationError("pagination", f"{style.type} has no field {name[:100]!r}", advice=meant)
    return style(**values)
