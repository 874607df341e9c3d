"""A worker's looks at what is waited for: one request each, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.seen import Seen
from airflow_provider_orgauth.answers.verdict import Unmet, answer_in, verdict_on
from airflow_provider_orgauth.client.cancellation import task_stopped
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.waiting.condition import Condition, Met

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

ATTEMPTS_OF_A_LOOK = 1
"""The wait is what repeats a request: attempts within a look would hold a worker, and multiply with the looks."""


class Looks:
    """The looks of one wait that this process makes.

    :param hook: one that makes ``ATTEMPTS_OF_A_LOOK``.
    :param context: of the task, whose values a function may name.
    """

    def __init__(
        self, hook: OrgAuthHook, request: RequestArguments, condition: Condition, context: Mapping[str, Any]
    ) -> None:
        self.hook = hook
        self.seen = Seen()
        self._request = request
        self._condition = condition
        self._context = context

    def look(self) -> Met | None:
        """Send the request once; None: not yet, and :attr:`seen` says what came.

        :raises WaitFailedError: ``fail_if`` holds.
        :raises TruncatedListError: the answer is one page of a list, and something is asked of its records.
        :raises OrgAuthError: an error came that the next look would meet again.
        :raises TaskStoppedError: the task is being killed.
        """
        if self.hook.is_cancelled:
            raise task_stopped("the next look was not made")
        outcome: requests.Response | OrgAuthError
        try:
            outcome = self.hook.run(self._request.endpoint, **self._request.about)
        except OrgAuthError as error:
            outcome = error
        try:
            verdict = verdict_on(outcome, self._request, self._condition, self._context, hook=self.hook)
        except Exception as error:
            # Also of one that ends the wait: with silent_fail, it does not.
            failed = answer_in(outcome, self._condition)
            self.seen.add(Unmet.of_error(failed) if isinstance(failed, OrgAuthError) else Unmet.of_crash(error))
            raise
        if isinstance(verdict, Met):
            return verdict
        self.seen.add(verdict)
        return None
