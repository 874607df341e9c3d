"""What ``OrgApiOperator`` does with one answer: log it, check it, filter it, and return what XCom can hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers import response as answers
from airflow_provider_orgauth.answers.one_page import insist_on_whole

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.compat import Context
    from airflow_provider_orgauth.operators.arguments import AnswerArguments

log = logging.getLogger(__name__)


def returned(
    response: requests.Response,
    request: RequestArguments,
    answer: AnswerArguments,
    *,
    pagination: Any,
    context: Context,
) -> Any:
    """Return what the task returns of the answer to ``request``."""
    log.info(
        "%s %s answered %d with %s bytes.",
        request.method,
        (response.request.url or "").partition("?")[0],
        response.status_code,
        f"{len(response.content):,}",
    )
    if answer.log_response:
        log.info("The answer: %s", answers.loggable(response))
    if answer.response_check is not None:
        answers.check_response(response, answer.response_check, context)
    insist_on_whole(response, request, pagination=pagination, response_filter=answer.response_filter)
    result, masked = answers.result_of(response, answer.response_filter, context)
    if masked:
        log.info("%d credentials in the answer are returned as ***; XCom is no place for them.", masked)
    if answer.do_xcom_push:
        answers.ensure_fits_xcom(result, limit=answer.max_result_bytes)
    return result
