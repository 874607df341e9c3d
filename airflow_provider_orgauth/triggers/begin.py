"""From a trigger's arguments, as Airflow has stored them, to a wait that is under way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from airflow_provider_orgauth.answers.condition_arguments import condition_of
from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.triggers.arguments import DEFAULTS, as_json, check_options
from airflow_provider_orgauth.triggers.judging import users_threads
from airflow_provider_orgauth.triggers.loop_looks import looks_of_loop
from airflow_provider_orgauth.triggers.request_payload import check_request
from airflow_provider_orgauth.triggers.wait import Wait
from airflow_provider_orgauth.waiting.condition import Condition, left_to_worker
from airflow_provider_orgauth.waiting.import_path import is_import_path

_NONE = Condition(frozenset())
"""Of a wait whose own condition cannot work."""


async def begun(request: Any, until: Any, options: Mapping[str, Any]) -> Wait:
    """Begin to wait; where something is wrong with the arguments, the wait has ended with that.

    :param request: see :mod:`~.request_payload`.
    :param options: those of the other arguments that are not as by default. Names that are not known here are of a
        later version, and left out.
    """
    await looks_of_loop().begin_turns.take()
    option = {**DEFAULTS, **options}
    try:
        return await _begun(request, until, option)
    except OrgAuthError as error:
        return _failed(error, option)
    except Exception as error:  # what else a row may hold that nobody has thought of
        problem = f"cannot be used ({type(error).__name__})"
        return _failed(ConfigurationError("the trigger's arguments", problem, advice="Clear the task."), option)


async def _begun(request: Any, until: Any, option: Mapping[str, Any]) -> Wait:
    check_options(option)
    check_request(request)
    condition, problem = await _condition(until, option)
    wait = Wait(
        condition,
        interval=float(option["poke_interval"]),
        longest=option["max_wait"] if option["exponential_backoff"] else None,
        grows=bool(option["exponential_backoff"]),
        looks=int(option["looks"]),
        resume=option["resume"],
    )
    due_in, ends_in = _seconds_until(option["next_look"]), _seconds_until(option["deadline"])
    if problem:
        in_seconds = wait.interval if due_in is None else due_in
        wait.due += in_seconds if ends_in is None else min(in_seconds, ends_in)
        wait.give_up(problem)
    else:
        wait.begin(option["org_conn_id"], request, due_in=due_in, ends_in=ends_in)
    return wait


def _failed(error: OrgAuthError, option: Mapping[str, Any]) -> Wait:
    wait = Wait(_NONE, interval=1.0, resume=option["resume"])
    wait.fail(error)
    return wait


def _seconds_until(epoch: float | None) -> float | None:
    return None if epoch is None else epoch - time.time()


async def _condition(until: Any, option: Mapping[str, Any]) -> tuple[Condition, str]:
    """Return the condition, and why the triggerer cannot judge by it: empty where it can."""
    tests = [as_json(option[name]) for name in ("fail_if", "waiting_statuses")]
    value = None if option["value_by_worker"] else option["value"]
    arguments = tuple(tuple(one) if isinstance(one, list) else one for one in (until, *tests, value))
    if any(isinstance(one, str) and is_import_path(one) for one in arguments):
        try:
            condition = await users_threads.run(_known, *arguments)  # to import a module may take its time
        except (Exception, SystemExit) as error:
            # The worker may have the module, and the values that a function takes by name; or it shows the error.
            return _NONE, f"the triggerer cannot use a function ({type(error).__name__}: {one_line(str(error))})"
    else:
        condition = _known(*arguments)
    return (replace(condition, value=left_to_worker) if option["value_by_worker"] else condition), ""


@lru_cache(maxsize=256)  # many waits wait for the same, and a condition is worked out and held once
def _known(until: Any, fail_if: Any, waiting_statuses: Any, value: Any) -> Condition:
    return condition_of(
        {"until": until, "fail_if": fail_if, "value": value, "waiting_statuses": waiting_statuses}, context={}
    )
