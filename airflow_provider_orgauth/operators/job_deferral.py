"""How the operator hands the wait for a job to the triggerer, and takes it back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.job_field_errors import within
from airflow_provider_orgauth.operators.job_requests import Handle
from airflow_provider_orgauth.operators.job_wait import timed_out
from airflow_provider_orgauth.triggers.arguments import as_json
from airflow_provider_orgauth.triggers.error_payload import error_of
from airflow_provider_orgauth.triggers.request_payload import check_part, payload_of
from airflow_provider_orgauth.waiting.condition import Met
from airflow_provider_orgauth.waiting.schedule import next_look

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.looks import Looks
    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.operators.job import Job

log = logging.getLogger(__name__)

NET_SECONDS = 60.0
"""After its deadline, by which the trigger itself has ended the wait; if it has not, Airflow does."""

_TRUE = "`true`"
"""JMESPath: the value of an answer that nobody asks for."""


def is_deferrable(wanted: bool | None, fields: Mapping[str, Any] | None) -> bool:
    """Return whether an operator goes to the triggerer, as far as that is known when the DAG is parsed.

    :param wanted: None: as Airflow's configuration says, where there is a job that allows it.
    :param fields: of the job; None: there is none.
    :raises ConfigurationError: it is wanted, and there is no job, or one that does not allow it.
    """
    from airflow_provider_orgauth.compat import conf

    if not wanted and (wanted is not None or fields is None):
        return False
    if wanted is None and not conf.getboolean("operators", "default_deferrable", fallback=False):
        return False
    try:
        _check(fields)
    except ConfigurationError:
        if wanted:
            raise
        return False
    return True


def _check(fields: Mapping[str, Any] | None) -> None:
    if fields is None:
        raise ConfigurationError(
            "deferrable", "needs a job", advice="Say in job how its end shows; OrgApiSensor waits for all else."
        )
    for name in ("until", "fail_if"):
        if callable(fields.get(name)):
            raise ConfigurationError(
                f"job.{name}",
                "is a function, and cannot go to the triggerer",
                advice="Write its import path (package.module:function), or JMESPath; or wait with deferrable=False.",
            )
    poll = fields.get("poll")
    headers = poll.get("headers") if isinstance(poll, Mapping) else None
    if isinstance(headers, Mapping):
        with within("job.poll"):
            check_part("headers", {name: one if isinstance(one, str) else "" for name, one in headers.items()})


class JobDeferral:
    """A wait that goes to and fro between worker and triggerer, on the worker's side.

    :param defer: of the operator: raises TaskDeferred.
    :param limit: the task's ``execution_timeout``, which Airflow 3 does not keep to while a task is deferred.
    :param event: with which the triggerer has handed it back; None: it begins.
    :param clock: epoch seconds.
    """

    def __init__(
        self,
        job: Job,
        org_conn_id: str,
        *,
        defer: Callable[..., object],
        limit: timedelta | None,
        event: Mapping[str, Any] | None,
        clock: Callable[[], float],
    ) -> None:
        resume = (event or {}).get("resume") or {}
        self.handle = Handle(**resume["job"]) if "job" in resume else None
        self.interval: Mapping[str, str] = resume.get("interval") or {}
        self._tried = float(resume.get("tried") or clock())
        self._event = event
        self._job = job
        self._org_conn_id = org_conn_id
        self._defer = defer
        self._limit = limit
        self._clock = clock

    def taken(self, looks: Looks, handle: Handle) -> Met | None:
        """Return what the triggerer has found, or a look finds; None: it is not there yet.

        :raises OrgAuthError: the error that ended the wait, or what a look raises.
        :raises JobTimeoutError, AirflowTaskTimeout: its time is over.
        """
        event, self._event = self._event or {}, None
        match event.get("state"):
            case "met" if self._job.result is not None:
                return Met(event.get("value"), str(event.get("seen") or ""))
            case "error":
                raise error_of(event.get("error") or {})
            case "timeout":
                raise self._timeout(handle, str(event.get("last") or ""))
        if event:
            log.info("The worker looks: %s.", event.get("why") or "the triggerer could not")
        return looks.look()

    def defer(self, looks: Looks, request: RequestArguments, handle: Handle, interval: Mapping[str, str]) -> None:
        """Hand the wait to the triggerer; return where the request cannot be stored: then the worker waits.

        :param request: the poll.
        :raises TaskDeferred: nearly always.
        :raises JobTimeoutError, AirflowTaskTimeout: its time is over.
        """
        from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger

        try:
            payload = payload_of(request)
        except ConfigurationError as error:  # to fail would leave a job that runs, and that nobody waits for
            log.warning("The worker waits: %s", error)
            return
        deadline, last = self._deadline(handle), looks.seen.last
        remaining = deadline - self._clock()
        if remaining <= 0:
            raise self._timeout(handle, looks.seen.as_sentences())
        seconds = next_look(
            self._job.poke_interval,
            remaining=remaining,
            asked=None if last is None else last.asked,
            after_error=last is not None and last.is_trouble,
        )
        trigger = OrgApiTrigger(
            payload,
            org_conn_id=self._org_conn_id,
            until=as_json(self._job.until),
            fail_if=as_json(self._job.fail_if),
            # Where there is a result to ask for, the last answer is not needed; else the worker asks for it itself.
            value=_TRUE if self._job.result is not None else None,
            value_by_worker=self._job.result is None,
            waiting_statuses=as_json(self._job.waiting_statuses),
            poke_interval=self._job.poke_interval,
            deadline=deadline,
            next_look=self._clock() + seconds,
            # It comes back with the event: Airflow 3.3's dags test loses the arguments of a deferral.
            resume={"job": asdict(handle), "interval": dict(interval), "tried": self._tried},
        )
        looks.seen.tell(seconds)
        self._defer(trigger=trigger, method_name="resume", timeout=timedelta(seconds=remaining + NET_SECONDS))

    def _deadline(self, handle: Handle) -> float:
        of_job = handle.began + self._job.timeout
        return of_job if self._limit is None else min(of_job, self._tried + self._limit.total_seconds())

    def _timeout(self, handle: Handle, last: str) -> BaseException:
        from airflow_provider_orgauth.compat import AirflowTaskTimeout

        if self._deadline(handle) < handle.began + self._job.timeout:
            return AirflowTaskTimeout(f"The task waited for its job for {self._limit} (execution_timeout). {last}")
        return timed_out(last)
