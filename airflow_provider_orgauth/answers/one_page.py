"""Refuse a single call's answer that is one page of a longer list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.response import parsed, search
from airflow_provider_orgauth.exceptions import ResponseError, TruncatedListError
from airflow_provider_orgauth.paging.truncation import (
    names_a_page,
    records_in,
    sign_in_answer,
    truncated,
    without_records,
)
from airflow_provider_orgauth.waiting.looked_at import may_look_at

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments

SAY_SO = (
    "For all of them, say in pagination how pages follow each other, such as PageNumberPagination(). For this one "
    'page, say pagination="single" (its records) or pagination=False (the answer as it is), or name the page in params.'
)


def insist_on_whole(
    response: requests.Response, request: RequestArguments, *, pagination: Any, response_filter: Any
) -> None:
    """Refuse one page of a list as the result, unless one page is what was asked for.

    One page was asked for where ``pagination`` or the query says so, where a callable looks at the answer, and where a
    JMESPath filter takes nothing of the records, such as ``totalElements``.

    :raises TruncatedListError: the answer itself says that there is more.
    """
    if not is_for_all(request, pagination) or callable(response_filter):
        return
    try:
        answer = parsed(response)
    except ResponseError:
        return  # the callable decides
    sign = sign_in_answer(answer, response.headers.get, vague=is_reading(request.method))
    if sign is None:
        return
    if (
        isinstance(response_filter, str)
        and search(response_filter, answer, "response_filter")
        == search(response_filter, without_records(answer), "response_filter")
        # Nothing is found both where there is nothing and where it is on the next page.
        and not may_look_at_records(response_filter, answer)
    ):
        return
    raise truncated_answer(response, sign)


def may_look_at_records(expression: str, answer: Any) -> bool:
    """Return whether a JMESPath expression names what holds the records of ``answer``, or looks at all there is.

    What it finds does not tell whether it looked: that the first page has no device that is offline does not mean that
    there is none.
    """
    return not isinstance(answer, dict) or may_look_at(expression, _names_of_records(answer))


def _names_of_records(answer: dict[str, Any]) -> set[str]:
    """Return the names of the arrays that may be the records, and of the objects that hold one."""
    records = {id(one) for one in records_in(answer)}
    inner = [value for value in answer.values() if isinstance(value, dict)]
    of_inner = {name for name, value in answer.items() if isinstance(value, dict) and _holds(value, records)}
    return of_inner | {name for one in (answer, *inner) for name, value in one.items() if id(value) in records}


def _holds(value: dict[str, Any], records: set[int]) -> bool:
    return any(id(one) in records for one in value.values())


def truncated_answer(response: requests.Response, sign: str, advice: str = SAY_SO) -> TruncatedListError:
    """Return the error for an answer that is one page of a list."""
    where = f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
    return truncated(f"The answer of {where}", sign, advice, status=response.status_code)


def is_for_all(request: RequestArguments, pagination: Any) -> bool:
    """Return whether nothing in the request says that one page is wanted."""
    body = request.json if isinstance(request.json, Mapping) else None
    form = request.data if isinstance(request.data, Mapping) else None
    return pagination is None and not names_a_page(request.params, body, form, _query_of(request.endpoint))


def is_reading(method: str) -> bool:
    """Return whether a plain total is that of a list: a write may be answered with an order of three lines."""
    return method.upper() in {"GET", "QUERY"}


def _query_of(endpoint: str) -> str:
    return endpoint.partition("?")[2]
