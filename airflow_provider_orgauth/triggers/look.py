"""One look of the triggerer: an answer or an error, and what it means for each of those who waited for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.response import parsed
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.answers.verdict import Unmet, verdict_on
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.waiting.condition import Condition, Met, is_success

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

_ALWAYS_NEW = frozenset({"date", "age", "expires", "server-timing"})
"""Headers of an answer, in lower case, that say nothing of what is waited for."""


class Look:
    """What a request brought.

    :param outcome: what :meth:`OrgAuthHook.run_async` returned or raised.
    :param now: seconds of the loop's clock.
    """

    __slots__ = ("_answer", "_signature", "_verdicts", "hook", "now", "outcome", "request")

    def __init__(
        self, outcome: requests.Response | OrgAuthError, request: RequestArguments, hook: OrgAuthHook, now: float
    ) -> None:
        self.outcome = outcome
        self.request = request
        self.hook = hook
        self.now = now
        self._answer: tuple[Any, Any] | None = None
        self._signature: int | None = None
        self._verdicts: dict[Condition, Met | Unmet | Exception] = {}

    def verdict(self, condition: Condition) -> Met | Unmet | Exception:
        """Return what it means for whoever waits for this condition: once worked out, however many they are."""
        found = self._verdicts.get(condition)
        if found is None:
            try:
                found = verdict_on(self.outcome, self.request, condition, {}, hook=self.hook)
            except Exception as error:
                found = error.with_traceback(None)
            except SystemExit as error:  # of a user's function: it would end the loop, and with it all of the triggers
                found = RuntimeError(f"SystemExit: {error}")
            self._verdicts.setdefault(condition, found)
        return found

    def settle(self, condition: Condition, error: Exception) -> None:
        """Let the verdict be an error: nobody waits for it any more."""
        self._verdicts.setdefault(condition, error)

    @property
    def size(self) -> int:
        """Bytes of the answer; 0 of an error."""
        return 0 if isinstance(self.outcome, OrgAuthError) else len(self.outcome.content or b"")

    def answer(self, response: requests.Response) -> tuple[Any, Any]:
        """Return what the answer says, parsed, and the same with credentials masked: once read, as a verdict.

        :param response: that of :attr:`outcome`.
        :raises ResponseError: it is broken, or no text.
        """
        if self._answer is None:
            found = parsed(response)
            self._answer = found, masked(found)[0]
        return self._answer

    @property
    def signature(self) -> int:
        """Return a number that is equal for equal answers; 0 where it tells nothing: of an error, and of trouble.

        An answer that came before means what it meant before: most of ten thousand looks bring nothing new.
        """
        if self._signature is None:
            self._signature = 0
            if not isinstance(self.outcome, OrgAuthError) and is_success(self.outcome.status_code):
                headers = tuple(
                    (name, value) for name, value in self.outcome.headers.items() if name.lower() not in _ALWAYS_NEW
                )
                self._signature = hash((self.outcome.status_code, self.outcome.content, headers)) or 1
        return self._signature
