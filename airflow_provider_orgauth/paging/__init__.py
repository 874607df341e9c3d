"""Which page comes next: the styles of pagination, and the walk through the pages. Pure: no Airflow, no sockets.

A style is a small value that sees one request and its answer and says what to ask for next. The walk takes pages in
that order, guards against loops, and counts. Who sends the requests, and how many at once, is not known here.
"""

from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.callable import CallablePagination
from airflow_provider_orgauth.paging.cursor import CursorPagination
from airflow_provider_orgauth.paging.link import LinkPagination
from airflow_provider_orgauth.paging.offset import OffsetPagination
from airflow_provider_orgauth.paging.page_number import PageNumberPagination
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.single import SinglePage
from airflow_provider_orgauth.paging.style import Pagination
from airflow_provider_orgauth.paging.styles import pagination_of

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
