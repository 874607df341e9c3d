"""How the sensor hands its wait to the triggerer, and takes it back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_orgauth.answers.verdict import Unmet
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.sensors.time_over import time_over
from airflow_provider_orgauth.triggers import event_payload
from airflow_provider_orgauth.triggers.arguments import as_json
from airflow_provider_orgauth.triggers.error_payload import error_of
from airflow_provider_orgauth.triggers.request_payload import payload_of
from airflow_provider_orgauth.waiting.backed_off import backed_off
from airflow_provider_orgauth.waiting.condition import Met
from airflow_provider_orgauth.waiting.import_path import is_import_path
from airflow_provider_orgauth.waiting.schedule import next_look

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.looks import Looks
    from airflow_provider_orgauth.answers.request_arguments import RequestArguments


class Deferring(Protocol):
    """What is taken of the sensor."""

    org_conn_id: str
    until: Any
    fail_if: Any
    value: Any
    waiting_statuses: Any
    poke_interval: float
    exponential_backoff: Any
    max_wait: timedelta | None
    soft_fail: bool
    timeout: float
    execution_timeout: timedelta | None

    @property
    def log(self) -> Any:
        """Its logger."""

    def defer(self, *, trigger: Any, method_name: str, timeout: timedelta) -> None:
        """Raise TaskDeferred."""


NET_SECONDS = 60.0
"""After its deadline, by which the trigger itself has ended the wait; if it has not, Airflow does."""

LEAST_INTERVAL_SECONDS = 1.0
"""An event loop that looks without a pause keeps all of Airflow's triggers waiting, and events go out once a second."""

LONGEST_SECONDS = 100 * 365 * 86400.0
"""Of a timeout: Airflow adds it to today's date, and dates end."""


def deferral_of(
    sensor: Deferring, request: RequestArguments, event: Mapping[str, Any] | None, *, is_wanted: bool
) -> Deferral | None:
    """Return the deferral of a task that runs; None: its request cannot be stored, and nobody has asked to defer.

    :param is_wanted: the DAG says ``deferrable=True``.
    :raises ConfigurationError: naming what cannot go to the triggerer.
    """
    try:
        payload = payload_of(request)
    except ConfigurationError as error:
        if is_wanted:
            raise
        sensor.log.info("The worker waits: %s", error)
        return None
    return Deferral(sensor, payload, event)


class Deferral:
    """A wait that goes to and fro between worker and triggerer, on the worker's side.

    :param sensor: whose wait it is.
    :param request: the payload of its request.
    :param event: with which the triggerer has handed it back; None: it begins.
    """

    def __init__(self, sensor: Deferring, request: Mapping[str, Any], event: Any) -> None:
        self.event: Any = event if event is None or isinstance(event, dict) else {}
        event = self.event or {}
        resume = event.get("resume") or {}
        # Epoch seconds: the wait's time began with this try of the task, not with each deferral.
        self.began = float(resume.get("began") or time.time())
        self.looks = int(resume.get("looks") or 0) + int(event.get("polls") or 0)
        self._sensor = sensor
        self._request = request

    @property
    def deadline(self) -> float:
        """Epoch seconds when the time is over. While it is deferred, Airflow 3 does not end a task of itself."""
        limit = self._sensor.execution_timeout
        seconds = self._sensor.timeout
        return self.began + min(seconds if limit is None else min(seconds, limit.total_seconds()), LONGEST_SECONDS)

    @property
    def _seconds(self) -> float:
        return time.time() - self.began

    def taken(self, looks: Looks) -> Met | None:
        """Return what the triggerer has found; None: a look has shown that it is not there yet.

        :raises OrgAuthError: the error that ended the wait, or what a look raises.
        :raises AirflowSensorTimeout, AirflowTaskTimeout: its time is over.
        """
        event, self.event = self.event, None
        match event:
            # All of it: what another version means by a state is not known, and a value that is missing is no value.
            case {"v": event_payload.VERSION, "state": event_payload.MET, "value": value}:
                return Met(value, str(event.get("seen") or ""))
            case {"state": event_payload.ERROR}:
                error = error_of(event.get("error") or {})
                looks.seen.add(Unmet.of_error(error))
                raise error
            case {"state": event_payload.TIMEOUT}:
                raise time_over(self._sensor, self._seconds, str(event.get("last") or ""))
        if event is not None:
            self._sensor.log.info(
                "The worker looks: %s.", event.get("why") or "the triggerer's event is not understood"
            )
        met = looks.look()
        self.looks += 1
        return met

    def defer(self, looks: Looks) -> None:
        """Hand the wait to the triggerer, if there is time left.

        :raises TaskDeferred: there is.
        :raises AirflowSensorTimeout, AirflowTaskTimeout: the look before was the last.
        :raises AirflowSkipException: the same, with ``soft_fail``.
        """
        from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger

        sensor, last = self._sensor, looks.seen.last
        if self.deadline <= time.time():
            # A wait that only the worker can judge would come back at once, again and again.
            raise time_over(sensor, self._seconds, skips=sensor.soft_fail)
        grows, longest = sensor.exponential_backoff, sensor.max_wait
        most = longest.total_seconds() if grows and longest is not None else None
        poke_interval = max(sensor.poke_interval, LEAST_INTERVAL_SECONDS)
        interval = backed_off(poke_interval, self.looks, longest=most) if grows else poke_interval
        remaining = self.deadline - time.time()
        seconds = next_look(
            interval,
            remaining=remaining,
            asked=None if last is None else last.asked,
            after_error=last is not None and last.is_trouble,
            longest=most,
        )
        value = sensor.value
        by_worker = callable(value) or (isinstance(value, str) and is_import_path(value))
        trigger = OrgApiTrigger(
            self._request,
            org_conn_id=sensor.org_conn_id,
            until=as_json(sensor.until),
            fail_if=as_json(sensor.fail_if),
            value=None if by_worker else value,
            value_by_worker=by_worker,
            waiting_statuses=as_json(sensor.waiting_statuses),
            poke_interval=poke_interval,
            exponential_backoff=bool(grows),
            max_wait=most,
            deadline=self.deadline,
            next_look=time.time() + seconds,
            looks=self.looks,
            # It comes back with the event: Airflow 3.3's dags test loses the arguments of a deferral.
            resume={"began": self.began, "looks": self.looks},
        )
        looks.seen.tell(seconds)
        sensor.defer(
            trigger=trigger, method_name="resume", timeout=timedelta(seconds=max(remaining, 0.0) + NET_SECONDS)
        )
