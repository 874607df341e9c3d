"""Refuse a wait for what the records of one page show, where the list has more pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from airflow_provider_orgauth.answers.one_page import is_for_all, is_reading, may_look_at_records, truncated_answer
from airflow_provider_orgauth.answers.response import parsed
from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.paging.truncation import sign_in_answer

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.waiting.condition import Condition

_NAME_THE_PAGE = (
    'Name the page in params, such as {"page": 0, "size": 1}, or look at what is true of all pages, such as a total. '
    "For all of them, use OrgAuthHook.paginate in a @task.sensor."
)


def insist_on_whole(response: requests.Response, request: RequestArguments, condition: Condition) -> None:
    """Refuse one page of a list where an expression of a condition may look at its records, or it would be the value.

    A function decides by itself.

    :raises TruncatedListError: as of :func:`insist_on_whole_for`.
    """
    insist_on_whole_for(response, request, _expressions(condition))


def insist_on_whole_for(
    response: requests.Response, request: RequestArguments, expressions: Iterable[tuple[str, str | None]]
) -> None:
    """Refuse one page of a list where an expression may look at its records.

    That the first page has no device that is offline does not mean that there is none. What an expression finds does
    not tell whether it looked: nothing is found both where there is nothing and where it is on the next page. So its
    names tell.

    :param expressions: each with the name of its argument; None: the whole answer is looked at.
    :raises TruncatedListError: the answer itself says that there is more, and the request names no page.
    """
    if not is_for_all(request, None):
        return
    try:
        answer = parsed(response)
    except ResponseError:
        return  # for whoever reads it
    sign = sign_in_answer(answer, response.headers.get, vague=is_reading(request.method))
    if sign is None:
        return
    for argument, expression in expressions:
        if expression is None or may_look_at_records(expression, answer):
            raise truncated_answer(response, sign, f"{argument} looks at its records. {_NAME_THE_PAGE}")


def _expressions(condition: Condition) -> Iterator[tuple[str, str | None]]:
    for argument, test in (("until", condition.until), ("fail_if", condition.fail_if)):
        if isinstance(test, str):
            yield argument, test
    if not callable(condition.value):
        yield "value", condition.value
