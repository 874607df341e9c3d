"""A sensor on the emulator, run as Airflow runs it: to its end in poke mode, look by look in reschedule mode."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

if AIRFLOW_V_3_0_PLUS:
    from airflow.sdk.exceptions import AirflowRescheduleException
else:
    from airflow.exceptions import AirflowRescheduleException

MODES = ["poke", "reschedule"] if AIRFLOW_V_3_0_PLUS else ["poke"]  # 2.11 asks its database for the first start


class Unslept(OrgApiSensor):
    """Writes down how long it would wait in poke mode, and waits no longer."""

    def __init__(self, *, waits, **arguments):
        super().__init__(**arguments)
        self.waits = waits

    def _get_next_poke_interval(self, started_at, run_duration, poke_count):
        seconds = super()._get_next_poke_interval(started_at, run_duration, poke_count)
        self.waits.append(seconds)
        assert len(self.waits) < 50, "it does not end"
        return 0.0 if self.mode == "poke" else seconds


class Waits:
    """Sensors on the emulator, and the seconds that they waited between looks."""

    def __init__(self, mode):
        self.mode = mode
        self.seconds = []

    def run(self, context=None, **arguments):
        """Run a sensor to its end, and return what it returns. In reschedule mode, each look has a new one."""
        started = datetime.datetime.now(datetime.UTC)
        ti = SimpleNamespace(get_first_reschedule_date=lambda context: started)
        context = {"ti": ti, **(context or {})}
        while len(self.seconds) < 50:
            sensor = Unslept(task_id="t", mode=self.mode, waits=self.seconds, **arguments)
            try:
                return sensor.execute(context)
            except AirflowRescheduleException as later:
                ahead = later.reschedule_date - datetime.datetime.now(datetime.UTC)
                assert self.seconds[-1] - 5 < ahead.total_seconds() <= self.seconds[-1]
        raise AssertionError("it does not end")


@pytest.fixture(params=MODES)
def waits(request, orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    return Waits(request.param)
