"""What an answer, or an error, means for a wait: one rule for a worker that waits and for the triggerer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.errors_while_waiting import kind_of, may_pass
from airflow_provider_orgauth.answers.one_page_of_wait import insist_on_whole
from airflow_provider_orgauth.answers.response_answer import ResponseAnswer
from airflow_provider_orgauth.client.asked_wait import asked_wait, retry_after
from airflow_provider_orgauth.exceptions import ApiError, OrgAuthError, WaitFailedError
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.waiting.condition import Condition, Failed, Met, Waiting, is_success

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


@dataclass(frozen=True, slots=True)
class Unmet:
    """What a look brought that did not end the wait.

    :param seen: what the answer showed, or which error came instead.
    :param kind: equal for two looks that brought the same, as far as a log is concerned.
    :param asked: seconds that the server asks to wait.
    :param is_error: no answer that could be judged came.
    :param is_trouble: it is an error, or its status is one: the server is not asked again at once.
    """

    seen: str
    kind: object
    asked: float | None
    is_error: bool
    is_trouble: bool

    @classmethod
    def of_error(cls, error: OrgAuthError) -> Unmet:
        """Return what an error came to."""
        return cls(one_line(str(error)), kind_of(error), error.retry_after, is_error=True, is_trouble=True)

    @classmethod
    def of_crash(cls, error: Exception) -> Unmet:
        """Return what an error came to that is not one of a request: of a function, or of an answer as it is."""
        return cls(one_line(str(error)), type(error), None, is_error=True, is_trouble=True)


def answer_in(outcome: requests.Response | OrgAuthError, condition: Condition) -> requests.Response | OrgAuthError:
    """Return the answer of a look, also one with an error status that the condition names; else the error."""
    if isinstance(outcome, ApiError) and outcome.response is not None and outcome.status in condition.statuses:
        return outcome.response
    return outcome


def verdict_on(
    outcome: requests.Response | OrgAuthError,
    request: RequestArguments,
    condition: Condition,
    context: Mapping[str, Any],
    *,
    hook: OrgAuthHook,
) -> Met | Unmet:
    """Return what came of a look.

    :param outcome: what :meth:`OrgAuthHook.run` returned or raised.
    :param context: of the task, whose values a function may name.
    :param hook: that made the look.
    :raises WaitFailedError: ``fail_if`` holds.
    :raises TruncatedListError: the answer is one page of a list, and something is asked of its records.
    :raises OrgAuthError: ``outcome``, where the next look would meet it again.
    """
    response = answer_in(outcome, condition)
    if isinstance(response, OrgAuthError):
        if not may_pass(response, hook):
            raise response
        return Unmet.of_error(response)
    if is_success(response.status_code):
        insist_on_whole(response, request, condition)
    match condition.judge(ResponseAnswer(response, context)):
        case Failed(message, seen):
            words = f": {message.rstrip('.')}" if message else ""
            raise WaitFailedError(
                f"What is waited for has failed (fail_if): {_where(response)} answered {seen}{words}.",
                status=response.status_code,
                server_message=message,
            )
        case Waiting(seen):
            is_trouble = response.status_code >= 400
            asked = (asked_wait if is_trouble else retry_after)(response.headers, now=time.time())
            return Unmet(seen, seen, asked, is_error=False, is_trouble=is_trouble)
        case met:
            return met


def _where(response: requests.Response) -> str:
    return f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
