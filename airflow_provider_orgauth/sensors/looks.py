"""Looks at what is waited for: one request each, and what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.asked_wait import asked_wait, retry_after
from airflow_provider_orgauth.client.cancellation import task_stopped
from airflow_provider_orgauth.exceptions import ApiError, OrgAuthError, WaitFailedError
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.sensors.errors_while_waiting import kind_of, may_pass
from airflow_provider_orgauth.sensors.one_page import insist_on_whole
from airflow_provider_orgauth.sensors.response_answer import ResponseAnswer
from airflow_provider_orgauth.waiting.condition import Condition, Failed, Met, Waiting, is_success

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.operators.arguments import RequestArguments

log = logging.getLogger(__name__)

ATTEMPTS_OF_A_LOOK = 1
"""The wait is what repeats a request: attempts within a look would hold a worker, and multiply with the looks."""


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


class Looks:
    """The looks of one wait that this process makes.

    :param hook: one that makes ``ATTEMPTS_OF_A_LOOK``.
    :param context: of the task, whose values a function may name.
    """

    def __init__(
        self, hook: OrgAuthHook, request: RequestArguments, condition: Condition, context: Mapping[str, Any]
    ) -> None:
        self.hook = hook
        self.last: Unmet | None = None
        self._request = request
        self._condition = condition
        self._context = context
        self._said: object = None
        self._answered = ""

    def look(self) -> Met | None:
        """Send the request once; None: not yet, and :attr:`last` says what came.

        :raises WaitFailedError: ``fail_if`` holds.
        :raises TruncatedListError: the answer is one page of a list, and something is asked of its records.
        :raises OrgAuthError: an error came that the next look would meet again.
        :raises TaskStoppedError: the task is being killed.
        """
        if self.hook.is_cancelled:
            raise task_stopped("the next look was not made")
        response: requests.Response | None = None
        try:
            response = self._answer()
        except OrgAuthError as error:
            # Also of one that ends the wait: with silent_fail, it does not.
            self.last = Unmet(one_line(str(error)), kind_of(error), error.retry_after, is_error=True, is_trouble=True)
            if not may_pass(error, self.hook):
                raise
        if response is None:
            return None
        try:
            if is_success(response.status_code):
                insist_on_whole(response, self._request, self._condition)
            verdict = self._condition.judge(ResponseAnswer(response, self._context))
        except Exception as error:
            self.last = Unmet(one_line(str(error)), type(error), None, is_error=True, is_trouble=True)
            raise
        match verdict:
            case Failed(message, seen):
                words = f": {message.rstrip('.')}" if message else ""
                raise WaitFailedError(
                    f"What is waited for has failed (fail_if): {_where(response)} answered {seen}{words}.",
                    status=response.status_code,
                    server_message=message,
                )
            case Waiting(seen):
                self._answered = seen
                is_trouble = response.status_code >= 400
                asked = (asked_wait if is_trouble else retry_after)(response.headers, now=time.time())
                self.last = Unmet(seen, seen, asked, is_error=False, is_trouble=is_trouble)
                return None
            case Met():
                return verdict

    def tell(self, seconds: float) -> None:
        """Log what was seen, if it is something else than before, and when the next look is."""
        if self.last is None or self.last.kind == self._said:
            return
        self._said = self.last.kind
        if self.last.is_error:
            log.warning("%s The wait goes on; the next look is in %.0f s.", self.last.seen, seconds)
        else:
            log.info("Not yet: %s. The next look is in %.0f s.", self.last.seen, seconds)

    def last_seen(self) -> str:
        """Return what was last seen, for the end of the text of a timeout; empty where nothing was."""
        said = f"The last answer was: {self._answered}." if self._answered else ""
        if self.last is not None and self.last.is_error:
            said += f"{' ' * bool(said)}The last look brought an error: {self.last.seen}"
        return said

    def _answer(self) -> requests.Response:
        """Return the answer, also one with an error status that the condition names."""
        request = self._request
        try:
            return self.hook.run(
                request.endpoint,
                method=request.method,
                params=request.params,
                json=request.json,
                data=request.data,
                headers=request.headers,
            )
        except ApiError as error:
            if error.response is None or error.status not in self._condition.statuses:
                raise
            return error.response


def _where(response: requests.Response) -> str:
    return f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
