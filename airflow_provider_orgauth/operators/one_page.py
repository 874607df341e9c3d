"""A single call's answer is all there is, or it does not say otherwise: a page is not taken for the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ResponseError, TruncatedListError
from airflow_provider_orgauth.operators.response import parsed, search
from airflow_provider_orgauth.paging.truncation import names_a_page, sign_in_answer, truncated, without_records

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

SAY_SO = (
    "For all of them, say in pagination how pages follow each other, such as PageNumberPagination(). For this one "
    'page, say pagination="single" (its records) or pagination=False (the answer as it is), or name the page in params.'
)


def insist_on_whole(operator: OrgApiOperator, response: requests.Response, query: Any) -> None:
    """Refuse one page of a list as the result, unless one page is what was asked for.

    So it is where ``pagination`` or the query says so, where a callable looks at the answer, and where a JMESPath
    filter takes nothing of the records, such as ``totalElements``.

    :raises TruncatedListError: the answer itself says that there is more.
    """
    chosen = operator.response_filter
    if not is_for_all(operator, query) or callable(chosen):
        return
    try:
        answer = parsed(response)
    except ResponseError:
        return  # whoever reads it says what it is
    sign = sign_in_answer(answer, response.headers.get, vague=is_reading(operator.method))
    if sign is None:
        return
    if isinstance(chosen, str) and (
        search(chosen, answer, "response_filter") == search(chosen, without_records(answer), "response_filter")
    ):
        return
    raise truncated_answer(response, sign)


def truncated_answer(response: requests.Response, sign: str) -> TruncatedListError:
    """Return the error for an answer that is one page of a list."""
    where = f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
    return truncated(f"The answer of {where}", sign, SAY_SO, status=response.status_code)


def is_for_all(operator: OrgApiOperator, query: Any) -> bool:
    """Tell whether nothing in the request says that one page is wanted."""
    body = operator.json if isinstance(operator.json, Mapping) else None
    form = operator.data if isinstance(operator.data, Mapping) else None
    return operator.pagination is None and not names_a_page(query, body, form, _query_of(operator.endpoint))


def is_reading(method: str) -> bool:
    """Tell whether a plain total is that of a list: the answer to a write may be about an order of three lines."""
    return method.upper() in {"GET", "QUERY"}


def _query_of(endpoint: str) -> str:
    return endpoint.partition("?")[2]
