"""Each device of a CSV is there once, however often the DAG runs: what is missing is created, the rest left alone."""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from airflow.providers.common.compat.sdk import DAG, ObjectStoragePath, Param, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"


def wanted_devices(lines: Iterable[str]) -> list[dict]:
    """Read the CSV as a whole before anything is sent: a mistake in line 900 creates no 899 devices."""
    table = csv.DictReader(lines)
    if not {"name", "templateId"} <= set(table.fieldnames or ()):
        raise ValueError(f"The first line of the CSV is {table.fieldnames}. It wants the columns name and templateId.")
    wanted = []
    for row in table:
        name, template = (row["name"] or "").strip(), (row["templateId"] or "").strip()
        if not name or not template.isascii() or not template.isdigit():
            raise ValueError(f"Line {table.line_num} of the CSV wants a name, and a number as templateId.")
        wanted.append({"name": name, "templateId": int(template)})
    twice = sorted(name for name, times in Counter(device["name"] for device in wanted).items() if times > 1)
    if twice:
        raise ValueError(f"The CSV has a name more than once: {', '.join(twice)}. A device is known by its name.")
    return wanted


with DAG(
    dag_id="example_orgauth_provision",
    schedule=None,
    catchup=False,
    max_active_runs=1,  # two runs at once would both find a device missing, and both create it
    default_args={"retries": 3, "retry_delay": timedelta(minutes=1)},
    params={"csv": Param("/data/devices.csv", type="string")},
    tags=["example", "orgauth"],
) as dag:

    @task
    def provision(params: dict | None = None) -> dict:
        with ObjectStoragePath(params["csv"]).open("rt", encoding="utf-8-sig", newline="") as lines:
            wanted = wanted_devices(lines)

        hook = OrgAuthHook()
        # Each try looks again. What an earlier one created is there, also where its answer was lost.
        there = {device["name"] for device in hook.paginate(f"{API}/devices", pagination="page_number")}
        missing = [device for device in wanted if device["name"] not in there]
        for device in missing:
            # The answer has the device's own token. It is not returned: XCom keeps results in plain text.
            hook.run(f"{API}/device/create", method="POST", json=device)
        return {"wanted": len(wanted), "created": len(missing), "there": len(wanted) - len(missing)}

    provision()
