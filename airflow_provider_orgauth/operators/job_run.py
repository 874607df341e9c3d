"""One attempt's run of a job: pick it up or submit it, wait for its end, and say which request has its result."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.looks import ATTEMPTS_OF_A_LOOK, Looks
from airflow_provider_orgauth.client.cancellation import task_stopped
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.interval import Interval, interval_of
from airflow_provider_orgauth.operators.job_cancel import Cancel
from airflow_provider_orgauth.operators.job_checks import condition_of_job
from airflow_provider_orgauth.operators.job_requests import Handle, request_of
from airflow_provider_orgauth.operators.job_state import is_a_retry
from airflow_provider_orgauth.operators.job_submission import Submission
from airflow_provider_orgauth.operators.job_wait import waited

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.operators.arguments import IntervalArguments
    from airflow_provider_orgauth.operators.job import Job
    from airflow_provider_orgauth.operators.job_deferral import JobDeferral
    from airflow_provider_orgauth.operators.job_state import JobState
    from airflow_provider_orgauth.waiting.condition import Met

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended well.

    :param interval: from when to when it asked.
    :param hook: that sends ``result``.
    :param result: the request that has what came of it.
    :param is_answered: the answer to that request is there already: the one that met ``until``.
    :param response: that answer; None: it had an error status that ``until`` names.
    :param link: a JMESPath expression for the URL of the file, in the answer to ``result``; None: it is the answer.
    """

    interval: Interval
    hook: OrgAuthHook
    result: RequestArguments
    is_answered: bool = False
    response: requests.Response | None = None
    link: str | None = None


class JobRun:
    """The run of one job in this process.

    :param hook: sends the submission.
    :param state: what is kept for a next attempt.
    :param context: of the task.
    :param deferral: None: the worker waits.
    :param clock: epoch seconds.
    :param pause: lets seconds pass; None: waits so that :meth:`kill` ends it.
    """

    def __init__(
        self,
        job: Job,
        hook: OrgAuthHook,
        state: JobState,
        context: Mapping[str, Any],
        *,
        deferral: JobDeferral | None = None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.hook = hook
        self._job = job
        self._state = state
        self._context = context
        self._deferral = deferral
        self._clock = clock
        self._killed = threading.Event()
        self._pause = self._let_pass if pause is None else pause
        self._condition = condition_of_job(job, context, _the_answer)
        self._looks: Looks | None = None
        self._cancel: Cancel | None = None

    def wait(self, arguments: IntervalArguments, request_for: Callable[[Interval], RequestArguments]) -> Ended:
        """Pick up the job, or submit it, and wait for its end.

        :param arguments: what says from when to when it asks.
        :param request_for: makes the submission.
        :raises UnknownJobError: a job may run that this task has submitted, and which one is not known.
        :raises WaitFailedError: ``fail_if`` holds.
        :raises JobTimeoutError: it takes too long.
        :raises TaskDeferred: the triggerer waits.
        """
        handle = self._deferral.handle if self._deferral is not None else None
        if self._deferral is not None and handle is not None:
            interval = Interval.of(self._deferral.interval, arguments.watermark)
        else:
            handle, interval = self._picked_up(arguments, request_for)
        met, poll = self._met(handle, interval)
        log.info("The job is done: %s.", met.seen)
        self._cancel = None  # what has ended is not cancelled: its result might go with it
        if self._job.result is not None:
            return Ended(interval, self.hook, request_of("result", self._job.result, handle), link=self._job.download)
        return Ended(interval, self.hook, poll, is_answered=True, response=met.value, link=self._job.download)

    def _picked_up(
        self, arguments: IntervalArguments, request_for: Callable[[Interval], RequestArguments]
    ) -> tuple[Handle, Interval]:
        saved = self._state.load()
        if saved is not None and saved.interval:  # the one that it was submitted for
            interval = Interval.of(saved.interval, arguments.watermark)
        else:
            interval = interval_of(arguments, self._context)
        submission = Submission(
            self._job, request_for(interval), self.hook, self._state, interval=interval.to_dict(), clock=self._clock
        )
        return submission.job(saved, is_a_retry=is_a_retry(self._context)), interval

    def _met(self, handle: Handle, interval: Interval) -> tuple[Met, RequestArguments]:
        """Wait; return what the last look has found, and which request that was."""
        self._may_cancel(handle)
        poll = request_of("poll", self._job.poll or {}, handle)
        hook = OrgAuthHook(self.hook.org_conn_id, max_attempts=ATTEMPTS_OF_A_LOOK)
        self._looks = looks = Looks(hook, poll, self._condition, self._context)
        if self._deferral is not None:
            met = self._deferral.taken(looks, handle)
            if met is not None:
                return met, poll
            self._deferral.defer(looks, poll, handle, interval.to_dict())
        met = waited(
            looks,
            interval=self._job.poke_interval,
            deadline=handle.began + self._job.timeout,
            clock=self._clock,
            pause=self._pause,
        )
        return met, poll

    def kill(self) -> None:
        """End the wait, and cancel the job; called from a signal handler, too."""
        if self._cancel is not None:
            self._cancel.begin()
        for hook in (self.hook, *([self._looks.hook] if self._looks is not None else [])):
            hook.cancel()
        threading.Thread(target=self._killed.set, daemon=True).start()  # its lock may be held by whom a signal stopped
        if self._cancel is not None:
            self._cancel.end()

    def forget_if_cancelled(self) -> None:
        """Let a next attempt submit a job of its own where this one's was cancelled."""
        if self._cancel is None or not self._cancel.end():
            return
        try:
            self._state.clear()
        except Exception as error:
            log.warning("That the job was cancelled could not be noted: %s.", type(error).__name__)

    def _let_pass(self, seconds: float) -> None:
        if self._killed.wait(seconds):
            raise task_stopped("the next look was not made")

    def _may_cancel(self, handle: Handle) -> None:
        if self._job.cancel is None:
            return
        hook = OrgAuthHook(self.hook.org_conn_id, max_attempts=ATTEMPTS_OF_A_LOOK)
        hook.get_conn()  # its connection is read now
        self._cancel = Cancel(hook, request_of("cancel", self._job.cancel, handle, method="DELETE"))


def _the_answer(response: requests.Response) -> requests.Response:
    return response
