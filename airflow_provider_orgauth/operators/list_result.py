"""What ``OrgApiOperator`` does with a list: which one it is, and its records as a result."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers import response as answers
from airflow_provider_orgauth.exceptions import ResultTooLargeError
from airflow_provider_orgauth.paging.paginator import Paginator

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.compat import Context
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.hooks.pages import Pages
    from airflow_provider_orgauth.operators.arguments import AnswerArguments, ListArguments
    from airflow_provider_orgauth.operators.time_field import TimeField

log = logging.getLogger(__name__)

MAX_HELD_BYTES = 256 * 1024 * 1024
"""Bytes of records that are held in memory for a filter."""


def list_of(
    arguments: ListArguments, request: RequestArguments, answer: AnswerArguments, hook: OrgAuthHook, context: Context
) -> Pages:
    """Return the list that the operator is about; nothing is sent yet."""
    pages = hook.paginate(
        request.endpoint,
        pagination=arguments.pagination or None,
        params=request.params,
        records=arguments.records,
        method=request.method,
        json=request.json,
        headers=request.headers,
        max_concurrency=arguments.max_concurrency,
    )
    return replace(pages, see=lambda response: _look_at(answer, response, context))


def _look_at(answer: AnswerArguments, response: requests.Response, context: Context) -> None:
    """See each page's answer, in whatever thread fetched it."""
    if answer.log_response:
        log.info("The answer: %s", answers.loggable(response))
    if answer.response_check is not None:
        answers.check_response(response, answer.response_check, context)


def collected(answer: AnswerArguments, pages: Pages, time_field: TimeField | None, context: Context) -> Any:
    """Return the records of all pages, or what the filter makes of them.

    :raises ResultTooLargeError: XCom cannot hold them; no further page is fetched then.
    """
    limit = answer.max_result_bytes if answer.do_xcom_push and answer.response_filter is None else MAX_HELD_BYTES
    records: list[Any] = []
    size = 0
    walked = pages.undecoded(Paginator(pages.style))
    for page in walked if time_field is None else time_field.within(walked):
        size += sum(len(memoryview(record)) for record in page.records)
        if size > limit:
            raise ResultTooLargeError(
                f"The records are more than {limit:,} bytes at page {page.number:,}.",
                advice='Write them to a file with output_path="…/records.jsonl", or ask for less with params.',
            )
        records += page.decoded()
    if time_field is not None:
        time_field.require_known()
    result, masked = answers.result_of_list(records, answer.response_filter, context)
    if masked:
        log.info("%d credentials in the records are returned as ***; XCom is no place for them.", masked)
    if answer.do_xcom_push:
        answers.ensure_fits_xcom(result, limit=answer.max_result_bytes)
    return result
