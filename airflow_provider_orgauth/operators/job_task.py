"""From an operator with a job, rendered, to the run of that job in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.job_checks import fields_of
from airflow_provider_orgauth.operators.job_run import JobRun
from airflow_provider_orgauth.operators.job_state import job_state

if TYPE_CHECKING:
    from airflow_provider_orgauth.operators.job_deferral import JobDeferral


class JobTask(Protocol):
    """What is taken of the operator."""

    job: Any
    org_conn_id: str
    deferrable: bool
    execution_timeout: timedelta | None

    def defer(self, *, trigger: Any, method_name: str, timeout: timedelta) -> None:
        """Raise TaskDeferred."""


def run_of(
    task: JobTask,
    context: Mapping[str, Any],
    event: Mapping[str, Any] | None,
    *,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], object] | None = None,
) -> JobRun:
    """Return the run of a task's job.

    :param event: with which the triggerer has handed the wait back; None: it begins.
    :param clock: epoch seconds.
    :param pause: lets seconds pass; None: waits so that the task's end ends it.
    """
    job, hook = Job(**fields_of(task.job)), OrgAuthHook(task.org_conn_id)
    deferral: JobDeferral | None = None
    if task.deferrable:
        from airflow_provider_orgauth.operators.job_deferral import JobDeferral

        limit = task.execution_timeout
        deferral = JobDeferral(job, task.org_conn_id, defer=task.defer, limit=limit, event=event, clock=clock)
    state = job_state(context, lambda: hook.seal)
    return JobRun(job, hook, state, context, deferral=deferral, clock=clock, pause=pause)
