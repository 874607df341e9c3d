"""Which page comes next: the styles of pagination, and the walk through the pages. Pure: no Airflow, no sockets.

A style is a small value that sees one request and its answer and says what to ask for next. The walk takes pages in
that order, guards against loops, and counts. Who sends the requests, and how many at once, is not known here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer
    from airflow_provider_orgauth.paging.callable import CallablePagination
    from airflow_provider_orgauth.paging.cursor import CursorPagination
    from airflow_provider_orgauth.paging.link import LinkPagination
    from airflow_provider_orgauth.paging.offset import OffsetPagination
    from airflow_provider_orgauth.paging.page_number import PageNumberPagination
    from airflow_provider_orgauth.paging.request import PageRequest
    from airflow_provider_orgauth.paging.single import SinglePage
    from airflow_provider_orgauth.paging.style import Pagination
    from airflow_provider_orgauth.paging.style_choice import pagination_of

__all__ = [
    "CallablePagination",
    "CursorPagination",
    "LinkPagination",
    "OffsetPagination",
    "PageAnswer",
    "PageNumberPagination",
    "PageRequest",
    "Pagination",
    "SinglePage",
    "pagination_of",
]

_MODULES = {
    "CallablePagination": "callable",
    "CursorPagination": "cursor",
    "LinkPagination": "link",
    "OffsetPagination": "offset",
    "PageAnswer": "answer",
    "PageNumberPagination": "page_number",
    "PageRequest": "request",
    "Pagination": "style",
    "SinglePage": "single",
    "pagination_of": "style_choice",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used (PEP 562): a DAG file is parsed every minute, and wants one style of six."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
