"""What came of an exchange, for its caller: the answer, or the error that says why there is none."""

from __future__ import annotations

from typing import cast

import requests

from airflow_provider_orgauth.client import reading
from airflow_provider_orgauth.client.exchange import Answer, Exchanged, Unanswered
from airflow_provider_orgauth.client.proxies import ProxyRefusal
from airflow_provider_orgauth.client.stopping import stopped
from airflow_provider_orgauth.client.transport import TooMuch
from airflow_provider_orgauth.exceptions import ResponseTooLargeError, TaskStoppedError


def response_of(ended: Exchanged[requests.Response], request: requests.PreparedRequest) -> requests.Response:
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


def _stopped(result: Answer[requests.Response] | Unanswered | None, where: str) -> TaskStoppedError:
    match result:
        case None:
            return stopped(f"{where} was not sent")
        case Unanswered(why=why):
            return stopped(f"{where} was not sent again after this: {why.message}")
        case Answer(status=status, response=response):
            response.close()
            return stopped(f"{where} was not sent again after status {status}", status=status)


def _unanswered(result: Unanswered, where: str) -> Exception:
    if result.kind is TooMuch:
        return _too_large(where)
    if result.why.cause == "proxy":
        return ProxyRefusal(where, result.why.message, result.why.proxy_status)
    return result.kind(f"{where}: {result.why.message}")


def _too_large(where: str) -> ResponseTooLargeError:
    return ResponseTooLargeError(
        f"{where}: the answer is larger than {reading.MOST // 1024**2:,} MiB, the most that is held in memory.",
        advice="Write it to a file with output_path=… without pagination, or OrgAuthHook.download(…); or ask for less "
        'with params, or read it piece by piece: get_conn().get("…", stream=True).',
    )
