"""How a user learns of an exchange: a warning before each further attempt, and the answer or error at its end."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

import requests

from airflow_provider_orgauth.client import response_body
from airflow_provider_orgauth.client.admission_control import RetryVerdict
from airflow_provider_orgauth.client.cancellation import task_stopped
from airflow_provider_orgauth.client.exchange import Answer, AttemptResult, ExchangeResult, Unanswered
from airflow_provider_orgauth.client.proxies import ProxyRefusal
from airflow_provider_orgauth.client.retry_policy import Pause
from airflow_provider_orgauth.client.token_endpoint import Announce
from airflow_provider_orgauth.client.transport import AnswerTooLarge
from airflow_provider_orgauth.exceptions import ResponseTooLargeError, TaskStoppedError
from airflow_provider_orgauth.oauth.text_redaction import one_line


def response_of(ended: ExchangeResult[requests.Response], request: requests.PreparedRequest) -> requests.Response:
    """Return the answer, with those before it that a replay followed as its history.

    :raises TaskStoppedError: it would have been sent, or sent again, if the task were not being stopped.
    :raises ResponseTooLargeError: it is more than is held in memory.
    :raises requests.RequestException: none came; the text holds no query string.
    """
    result = ended.last.result
    where = f"{request.method} {(request.url or '').partition('?')[0]}"
    if ended.was_stopped:
        raise _stopped(result, where)
    if isinstance(result, Answer):
        response = result.response
        response.history = [one.response for one in ended.last.replayed]
        return response
    raise _unanswered(cast(Unanswered, result), where)


def announce(pause: Pause[AttemptResult[requests.Response]], request: requests.PreparedRequest, tell: Announce) -> None:
    """Announce why a request is sent again, and when. The failed answer's connection is given back before the wait."""
    tried = pause.outcome
    if isinstance(tried.result, Answer):
        tried.result.response.close()
        problem = f"status {tried.result.status}"
    else:
        problem = cast(Unanswered, tried.result).why.message
    if tried.verdict is RetryVerdict.AS_USUAL:  # else admission control waits, and logs that itself
        path = one_line(urlsplit(request.url or "").path)
        tell(f"{request.method} {path}: {problem}", pause.seconds, pause.attempt)


def _stopped(result: Answer[requests.Response] | Unanswered | None, where: str) -> TaskStoppedError:
    match result:
        case None:
            return task_stopped(f"{where} was not sent")
        case Unanswered(why=why):
            return task_stopped(f"{where} was not sent again after this: {why.message}")
        case Answer(status=status, response=response):
            response.close()
            return task_stopped(f"{where} was not sent again after status {status}", status=status)


def _unanswered(result: Unanswered, where: str) -> Exception:
    if result.kind is AnswerTooLarge:
        return _too_large(where)
    if result.why.cause == "proxy":
        return ProxyRefusal(where, result.why.message, result.why.proxy_status)
    return result.kind(f"{where}: {result.why.message}")


def _too_large(where: str) -> ResponseTooLargeError:
    return ResponseTooLargeError(
        f"{where}: the answer is larger than {response_body.MAX_BODY_BYTES // 1024**2:,} MiB, "
        "the most that is held in memory.",
        advice="Write it to a file with output_path=… without pagination, or OrgAuthHook.download(…); or ask for less "
        'with params, or read it piece by piece: get_conn().get("…", stream=True).',
    )
