"""`make ui`: Airflow's UI with our connection and example DAGs against an emulated Organization API, until Ctrl-C."""

from __future__ import annotations

import time

from airflow_server import free_port, is_free
from example_airflow import CONN_ID, EXAMPLE_DAGS, example_airflow, say

USUAL_PORT = 8080


def main() -> None:
    """Run `airflow standalone` until someone ends it."""
    port = USUAL_PORT if is_free(USUAL_PORT) else free_port()
    with example_airflow(sorted(EXAMPLE_DAGS.glob("*.py")), port=port) as (emulator, server):
        say("Starting `airflow standalone` ...")
        server.start_standalone()
        say(
            f"\nAirflow is ready, no login needed: {server.url}\n"
            f"  the form:  Admin > Connections > {CONN_ID}; press the waves to Test it, the pencil to see the form\n"
            f"  the DAGs:  {server.url}/dags; press the triangle to run one\n"
            f"  requests:  {emulator.url}/_stats counts what the API was asked\n"
            "Ctrl-C ends everything."
        )
        while True:
            server.check_running()
            time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        # the way to leave, so no failure
        say("Every process was ended and every file removed.")
