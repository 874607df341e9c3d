"""`make demo`: the example DAG on a real Airflow, against an emulated Organization API; nothing stays behind."""

from __future__ import annotations

import json
import sys
import time

from airflow_server import AirflowServer
from emulator_process import EmulatorProcess
from example_airflow import EXAMPLE_DAGS, example_airflow, say

DAG_ID = "example_orgauth_call"
SHOWN_CHARACTERS = 1200


def main() -> int:
    """Run the demo; return 0 if the DAG run succeeded."""
    started = time.monotonic()
    with example_airflow([EXAMPLE_DAGS / f"{DAG_ID}.py"]) as (emulator, server):
        say("Starting its API server, scheduler, DAG processor and triggerer ...")
        server.start()
        say(f"Running the DAG {DAG_ID} ...")
        run_id = server.trigger(DAG_ID)
        state = server.wait(DAG_ID, run_id)
        if state == "success":
            show_result(server, run_id)
            show_requests(emulator)
        else:
            show_failure(server, run_id)
    say(f"Done in {time.monotonic() - started:.0f} seconds. Nothing was left behind. To click through it: make ui")
    return 0 if state == "success" else 1


def show_result(server: AirflowServer, run_id: str) -> None:
    """Print each task's state and what it returned, as Airflow keeps it in XCom."""
    returned = {
        row["task_id"]: row["value"] for row in server.xcom_rows(DAG_ID, run_id) if row["key"] == "return_value"
    }
    for label, state in server.task_states(DAG_ID, run_id).items():
        say(f"\nTask {label}: {state}.")
        if label in returned:
            text = json.dumps(returned[label], indent=2, ensure_ascii=False)
            rest = len(text) - SHOWN_CHARACTERS
            say(text if rest <= 0 else f"{text[:SHOWN_CHARACTERS]} ... and {rest} characters more")


def show_requests(emulator: EmulatorProcess) -> None:
    """Print how many requests reached the emulator."""
    stats = emulator.stats()
    tokens, calls = stats["token_requests"], stats["api_requests"]
    say(f"\nThe API was called {calls} times, with {tokens} token request{'' if tokens == 1 else 's'} in all.")


def show_failure(server: AirflowServer, run_id: str) -> None:
    """Print the end of the log of every task that did not succeed."""
    for label, state in server.task_states(DAG_ID, run_id).items():
        if state != "success":
            log = server.task_log(DAG_ID, run_id, label.split("[")[0])
            say(f"\nTask {label}: {state}. The end of its log:\n{log[-3000:]}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("Interrupted: every process was ended and every file removed.")
        sys.exit(130)
