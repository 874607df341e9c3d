"""Runs of the DAG ``deferred`` against an emulator: begun, looked at, and ended when the test says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness import Airflow211, AirflowServer, poll_until
from triggerers import PATIENCE_SECONDS, Triggerers

from airflow_provider_orgauth.emulator import Emulator

DAG_ID, CONN_ID = "deferred", "deferred"
DEVICES = range(1, 4)
LOOKS_OF_THE_TRIGGERER = 2
"""The worker looks once before it defers: what comes on top of that is the triggerer's."""


@dataclass(frozen=True)
class DeferredWaits:
    """An Airflow without triggerers of its own, those that the test starts, and the emulator with what is awaited."""

    airflow: AirflowServer | Airflow211
    triggerers: Triggerers
    emulator: Emulator
    runs: list[str] = field(default_factory=list)

    def begin(self) -> str:
        """Start a run, and return its id when all its waits are with a triggerer that has looked at each."""
        for device in DEVICES:
            self.emulator.script_device(device, {"connected": False})
        run_id = self.airflow.trigger(DAG_ID)
        for _ in poll_until("not all waits are deferred and looked at", PATIENCE_SECONDS):
            states = self.airflow.task_states(DAG_ID, run_id)
            if any(state in ("failed", "up_for_retry", "success") for state in states.values()):
                raise RuntimeError(f"not deferred: {states}\n{self.log(run_id)}")
            looks = self.looks()
            if set(states.values()) == {"deferred"} and all(
                looks.get(device, 0) > LOOKS_OF_THE_TRIGGERER for device in DEVICES
            ):
                return run_id
        raise AssertionError("poll_until ends with a return or an exception")

    def until_looked_at_again(self) -> None:
        """Wait until every device was asked for once more."""
        before = self.looks()
        for _ in poll_until("not everything is looked at again", PATIENCE_SECONDS):
            if all(looks > before[device] for device, looks in self.looks().items()):
                return

    def looks(self) -> dict[int, int]:
        """Return how often each device was asked for since its last script."""
        return {device["deviceId"]: device["polls"] for device in self.emulator.devices()}

    def come_online(self) -> None:
        """Let everything come that is waited for."""
        for device in DEVICES:
            self.emulator.script_device(device, {"connected": True})

    def end(self, run_id: str) -> None:
        """Wait until a run has ended, and check that each of its waits has ended well, and once."""
        state = self.airflow.wait(DAG_ID, run_id, timeout=PATIENCE_SECONDS)
        assert state == "success", self.log(run_id)
        for _ in poll_until("a callback did not run", 60):  # it does after the task has its state
            if len(self.ends(run_id)) >= len(DEVICES):
                break
        self.runs.append(run_id)
        self.check_ends()

    def check_ends(self) -> None:
        """Check that each wait of each run that has ended has done so once, at its first try."""
        for run_id in self.runs:
            assert set(self.airflow.task_tries(DAG_ID, run_id).values()) == {1}
            assert self.ends(run_id) == list(range(len(DEVICES)))

    def ends(self, run_id: str) -> list[int]:
        """Return the map index of each end of a wait; twice, if it ended twice."""
        lines = (self.airflow.root / "ended.txt").read_text().splitlines()
        return sorted(int(line.split()[1]) for line in lines if line.startswith(f"{run_id} "))

    def log(self, run_id: str) -> str:
        """Return the logs of all waits of a run, the worker's and the triggerers'."""
        folder = self.airflow.logs_folder / f"dag_id={DAG_ID}" / f"run_id={run_id}"
        return "\n".join(file.read_text(errors="replace") for file in sorted(folder.rglob("*.log")))
