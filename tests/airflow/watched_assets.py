"""Assets with watchers in a running Airflow: their DAG is begun and ended, their events and what is kept are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from harness import AirflowServer, poll_until, version_under_test

AT_MOST_SECONDS = 240
"""A triggerer's first question to Airflow's database takes half a minute where others keep the machine busy."""

PARSED_SOON = {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3"}
"""For an Airflow with watchers: they begin or end when their file is parsed after the DAG was unpaused or paused."""

KEEPS_STATE = version_under_test() >= (3, 3)
"""Airflow has a store for what watchers have told."""


@dataclass(frozen=True)
class WatchedAssets:
    """Those of an Airflow whose names begin alike.

    :param dag_id: the DAG that is scheduled by them.
    :param prefix: with which their names begin.
    """

    airflow: AirflowServer
    dag_id: str
    prefix: str

    def unpause(self) -> None:
        """Let the watchers begin."""
        for _ in poll_until(f"no DAG {self.dag_id}", AT_MOST_SECONDS):
            if self.airflow.query("SELECT 1 FROM serialized_dag WHERE dag_id = ?", self.dag_id):
                break
            self.airflow.check_import_errors()
        self._pause(False)

    def pause(self) -> None:
        """Let the watchers end."""
        self._pause(True)

    def _pause(self, is_paused: bool) -> None:
        self.airflow.api("PATCH", f"/dags/{self.dag_id}", json={"is_paused": is_paused})

    def events(self) -> list[dict[str, Any]]:
        """Return all events: the asset's ``name``, and ``extra`` as it is stored."""
        return self.airflow.query(
            "SELECT a.name, e.extra FROM asset_event e JOIN asset a ON a.id = e.asset_id WHERE a.name LIKE ?"
            " ORDER BY e.id",
            self.prefix + "%",
        )

    def changes(self) -> list[str]:
        """Return the ``change`` of each event, in their order."""
        return [json.loads(event["extra"])["payload"]["change"] for event in self.events()]

    def wait_for_events(self, number: int) -> None:
        """Wait until there are so many events."""
        for _ in poll_until(f"not {number} events of {self.prefix}", AT_MOST_SECONDS):
            if len(self.events()) >= number:
                return

    def kept(self) -> list[dict[str, Any]]:
        """Return what the watchers keep: ``{"count": 3, "told": {…}}`` each."""
        rows = self.airflow.query(
            "SELECT s.value FROM asset_state_store s JOIN asset a ON a.id = s.asset_id WHERE a.name LIKE ?",
            self.prefix + "%",
        )
        return [json.loads(row["value"]) for row in rows]

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs of the DAG: ``run_id`` and ``state``."""
        return self.airflow.query("SELECT run_id, state FROM dag_run WHERE dag_id = ?", self.dag_id)
