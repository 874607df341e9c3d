"""An operator with a job on the emulator, run as Airflow runs a task: attempt after attempt, with time in hand."""

from __future__ import annotations

import time
from types import SimpleNamespace

from state_in_a_dict import StateInADict

from airflow_provider_orgauth.compat import TaskDeferred
from airflow_provider_orgauth.operators import job_deferral
from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.job_task import run_of
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.triggers import wait
from tests.triggered import event_of

MODES = ["poke", "deferrable"]

API = "/api/v1/organization"

SUBMISSION = {"endpoint": f"{API}/job/create", "method": "POST", "json": {"reference": "run 1", "input": {"day": 1}}}

FIND = {"endpoint": f"{API}/jobs", "params": {"reference": "run 1", "page": 0}, "id": "content[0].id"}

JOB = {
    "id": "id",
    "poll": {"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
    "until": "status == 'DONE'",
    "fail_if": "status == 'FAILED'",
    "poke_interval": 30,
    "timeout": 3600,
}


class Unslept(OrgApiOperator):
    """Writes down how long it would wait, and waits no longer: the clock goes on by that."""

    def __init__(self, *, runs, **arguments):
        super().__init__(**arguments)
        self.runs = runs

    def _job_run_in(self, context, event):
        return run_of(self, context, event, clock=self.runs.clock, pause=self.runs.pause)


class Runs:
    """The attempts of one task; ``store`` is what Airflow 3.3 keeps between them, None: an earlier Airflow."""

    def __init__(self, emulator, store, mode):
        self.emulator = emulator
        self.mode = mode
        self.deferred = []
        self.store = store
        self.seconds = []
        self.ahead = 0.0
        self.tries, self.most_tries, self.retries = 0, 3, 3
        self.operator = None
        self.meanwhile = lambda: None

    def clock(self):
        return time.time() + self.ahead

    def pause(self, seconds):
        self.seconds.append(seconds)
        self.ahead += seconds
        assert len(self.seconds) < 200, "it does not end"
        self.meanwhile()

    def attempt(self, context=None, **changes):
        """Execute the next attempt; ``job`` is laid over ``JOB``, all else over ``SUBMISSION``."""
        self.tries += 1
        job = JOB | changes.pop("job", {})
        arguments = SUBMISSION | changes
        deferrable = self.mode == "deferrable"

        def operator():  # each visit of a worker is another process
            self.operator = Unslept(
                task_id="t", runs=self, job=Job(**job), retries=self.retries, deferrable=deferrable, **arguments
            )
            return self.operator

        ti = SimpleNamespace(
            try_number=self.tries, max_tries=self.most_tries, dag_id="d", task_id="t", run_id="r", map_index=-1
        )
        context = {"ti": ti, "task": operator(), **(context or {})}
        if self.store is not None:
            context["task_state_store"] = self.store
        event = None
        while True:
            try:
                return self.operator.execute(context) if event is None else operator().resume(context, event)
            except TaskDeferred as raised:
                deferred = raised
            self.deferred.append(deferred)
            assert len(self.deferred) < 20, "it does not end"
            self.meanwhile()
            event = event_of(deferred)

    def noted(self, next_look):
        """Write down what the deferred wait would wait."""

        def note(*arguments, **about):
            seconds = next_look(*arguments, **about)
            self.seconds.append(seconds)
            return seconds

        return note

    def clear(self):
        """Clear the task, as a user does: Airflow gives it all of its retries again."""
        self.most_tries = self.tries + self.retries

    def requests(self, *path):
        """Return method and path of each request to the API, below ``API``, or how often those of one path came."""
        came = [one for one in self.emulator.requests() if one["path"].startswith(API)]
        made = [(one["method"], one["path"].removeprefix(API)) for one in came]
        return made if not path else [one for one in made if one[1] == path[0]]

    @property
    def looks_of_worker(self):
        """How often a worker looks once more at what the triggerer has found."""
        return 1 if self.mode == "deferrable" else 0

    @property
    def submitted(self):
        return len(self.requests("/job/create"))


def runs_on(emulator, monkeypatch, *, keeps, mode="poke"):
    emulator.set_connection(monkeypatch, cache="memory")
    runs = Runs(emulator, StateInADict() if keeps else None, mode)
    for module in (job_deferral, wait):
        monkeypatch.setattr(module, "next_look", runs.noted(module.next_look))
    return runs
