"""Exports in tasks of a real Airflow 3.3: the file, the manifest, retries that go on, assets, increments, mapping."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FunctionType

import pytest
from harness import poll_until

from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.operators.outlets import uri_of
from airflow_provider_orgauth.operators.task_state import digest_of
from airflow_provider_orgauth.paging import CallablePagination, PageNumberPagination

pytestmark = pytest.mark.airflow

EXPORT_DAGS = Path(__file__).with_name("dags") / "export_dags.py"
DEVICES = "/api/v1/organization/devices"
COUNT = 12_000  # 4 MB: enough for a few checkpoints


@pytest.fixture
def orgauth_emulator_settings():
    return {"devices": COUNT, "rate_limit": 0}


@pytest.fixture
def conn(airflow3, orgauth_emulator):
    """Make a connection to the emulator and return its id."""
    airflow3.put_connection(
        "orgauth_exports",
        conn_type="orgauth",
        host=orgauth_emulator.url,
        login=orgauth_emulator.client_id,
        password=orgauth_emulator.client_secret,
        extra=json.dumps({"max_attempts": 2}),
    )
    return "orgauth_exports"


@pytest.fixture
def start(airflow3, conn, tmp_path):
    """Return a function that starts a DAG with the connection and the test's own folder, and returns its run id."""
    return lambda dag_id, **conf: airflow3.trigger(dag_id, {"conn": conn, "folder": str(tmp_path), **conf})


@pytest.fixture
def run(airflow3, start):
    """Return a function that runs a DAG to its end and returns its run id and state."""

    def run_it(dag_id, **conf):
        run_id = start(dag_id, **conf)
        return run_id, airflow3.wait(dag_id, run_id)

    return run_it


@pytest.fixture
def undisturbed(orgauth_emulator, monkeypatch, tmp_path_factory):
    """Return a function that exports in this process, with nothing in the way, and returns the file's bytes."""

    def export(**arguments):
        path = tmp_path_factory.mktemp("undisturbed") / "devices.jsonl"
        conn_id = orgauth_emulator.set_connection(monkeypatch, cache="memory")
        OrgApiOperator(
            task_id="undisturbed", endpoint=DEVICES, org_conn_id=conn_id, output_path=str(path), **arguments
        ).execute({})
        return path.read_bytes()

    return export


def results(airflow, dag_id, run_id):
    """Return what the tasks of a run returned: by task, or by task and index."""
    rows = [row for row in airflow.xcom_rows(dag_id, run_id) if row["key"] == "return_value"]
    return {
        row["task_id"] if row["map_index"] < 0 else (row["task_id"], row["map_index"]): row["value"] for row in rows
    }


def files_in(folder):
    """Return the names of all files below a folder, hidden ones too."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def lines_of(data):
    return [json.loads(line) for line in data.splitlines()]


def words(data):
    """Return all that could be a device's token."""
    return set(re.findall(rb"(?<![\w-])[\w-]{32}(?![\w-])", data))


def agrees(manifest, path):
    """Tell whether a manifest says what is in the file."""
    data = Path(path).read_bytes()
    plain = gzip.decompress(data) if str(path).endswith(".gz") else data
    return (manifest["bytes"], manifest["sha256"], manifest["records"]) == (
        len(data),
        hashlib.sha256(data).hexdigest(),
        plain.count(b"\n"),
    )


def test_the_file_is_there_and_the_manifest_says_what_is_in_it(airflow3, run, orgauth_emulator, tmp_path):
    run_id, state = run("export")

    assert state == "success", airflow3.task_log("export", run_id, "whole")[-3000:]
    assert files_in(tmp_path) == ["deep/er/without_tokens.jsonl", "whole.jsonl.gz"]
    manifests = results(airflow3, "export", run_id)
    whole, without = (tmp_path / name for name in reversed(files_in(tmp_path)))
    assert agrees(manifests["whole"], whole)
    assert agrees(manifests["without_tokens"], without)
    assert manifests["whole"]["records"] == manifests["whole"]["total"] == COUNT
    assert manifests["whole"]["pages"] == COUNT / 100
    devices = lines_of(gzip.decompress(whole.read_bytes()))
    assert [device["id"] for device in devices] == list(range(1, COUNT + 1))
    assert lines_of(without.read_bytes()) == [
        {name: value for name, value in device.items() if name != "token"} for device in devices
    ]
    stats = orgauth_emulator.stats()
    assert stats["token_requests"] == 1
    assert stats["api_requests"] == COUNT / 100 + COUNT / 1000
    assert stats["connections"] <= 4 + 8

    tokens = {device["token"].encode() for device in devices}
    assert tokens <= words(gzip.decompress(whole.read_bytes()))
    everything = airflow3.dump_everything()
    assert not tokens & words(everything)
    secrets = [orgauth_emulator.client_secret, *orgauth_emulator._core.tokens._access]
    assert [secret for secret in secrets if secret.encode() in everything] == []
    assert f"{COUNT:,} records of {COUNT // 100:,} pages" in airflow3.task_log("export", run_id, "whole")


def saved(airflow, run_id):
    """Return what the task has saved for its next try, or an empty dict."""
    rows = airflow.query("SELECT value FROM task_state_store WHERE run_id = ? AND key = 'orgauth_export'", run_id)
    return json.loads(rows[0]["value"]) if rows else {}


def wait_until_midway(airflow, emulator, run_id, final):
    """Wait until a checkpoint was saved, let the next pages take long, and return the number of pages up to there."""
    for _ in poll_until("the export saves no checkpoint", 90, pause=0.05):
        assert not final.exists()
        if saved(airflow, run_id).get("bytes_read"):
            break
    emulator.settings(latency=0.5)
    return saved(airflow, run_id)["tally"]["pages"]


def wait_for_the_end(airflow, dag_id, run_id, final, expected):
    """Wait until a run is over; tell its state. Whenever the final name is there, the file is whole."""
    for _ in poll_until(f"{dag_id} {run_id}", 120, pause=0.05):
        if final.exists():
            assert final.read_bytes() == expected
        (row,) = airflow.query("SELECT state FROM dag_run WHERE dag_id = ? AND run_id = ?", dag_id, run_id)
        if row["state"] in ("success", "failed"):
            break
    return row["state"]


def task_of(airflow, run_id):
    (row,) = airflow.query("SELECT state, try_number, pid FROM task_instance WHERE run_id = ?", run_id)
    return row


def test_a_second_try_goes_on_where_the_first_one_was_killed(airflow3, start, undisturbed, orgauth_emulator, tmp_path):
    expected = undisturbed(pagination={"size": 100}, unique_by="id")
    requests_before = orgauth_emulator.stats()["api_requests"]
    assert requests_before == COUNT / 100
    orgauth_emulator.settings(latency=0.08)  # a checkpoint is saved after two seconds
    run_id = start("export_retried")
    final = tmp_path / "devices.jsonl"

    page = wait_until_midway(airflow3, orgauth_emulator, run_id, final)
    os.kill(task_of(airflow3, run_id)["pid"], signal.SIGKILL)
    orgauth_emulator.settings(latency=0)
    state = wait_for_the_end(airflow3, "export_retried", run_id, final, expected)

    log = airflow3.task_log("export_retried", run_id, "devices")
    assert state == "success", log[-3000:]
    assert task_of(airflow3, run_id)["try_number"] == 2
    went_on = re.search(
        r"Resuming after page (\d+) \([\d,]+ records, [\d.]+ [kM]B read\), where an earlier attempt stopped", log
    )
    assert int(went_on[1]) >= page
    assert orgauth_emulator.stats()["api_requests"] - requests_before <= 2 * requests_before - page
    assert final.read_bytes() == expected
    assert files_in(tmp_path) == [final.name]
    manifest = results(airflow3, "export_retried", run_id)["devices"]
    assert agrees(manifest, final)
    assert (manifest["pages"], manifest["records"], manifest["duplicates"]) == (COUNT // 100, COUNT, 0)
    assert saved(airflow3, run_id) == {}


def test_a_second_try_goes_on_after_the_page_that_would_not_come(
    airflow3, run, undisturbed, orgauth_emulator, tmp_path
):
    expected = undisturbed(pagination={"size": 100}, unique_by="id")
    requests_before = orgauth_emulator.stats()["api_requests"]
    # Not a second has passed by then: what stops an export saves where it stands. Two attempts of two pages at most.
    orgauth_emulator.fault("status", "/devices", status=503, skip=80, times=4)
    run_id, state = run("export_retried")

    log = airflow3.task_log("export_retried", run_id, "devices")
    assert state == "success", log[-3000:]
    assert task_of(airflow3, run_id)["try_number"] == 2
    assert "Resuming after page" in log
    assert orgauth_emulator.stats()["api_requests"] - requests_before < 1.5 * requests_before
    assert (tmp_path / "devices.jsonl").read_bytes() == expected
    assert files_in(tmp_path) == ["devices.jsonl"]


def progress(airflow, path):
    """Return the record that the Task State Store tab shows of an export, or None."""
    shown = airflow.api("GET", f"{path}/state-store")["task_state_store"]
    return {one["key"]: one["value"] for one in shown}.get("orgauth_progress")


def test_a_task_that_a_user_stops_asks_for_no_more_and_its_next_run_completes_the_file(
    airflow3, start, undisturbed, orgauth_emulator, tmp_path
):
    expected = undisturbed(pagination={"size": 100}, unique_by="id")
    orgauth_emulator.settings(latency=0.08)
    run_id = start("export_retried")
    final = tmp_path / "devices.jsonl"
    page = wait_until_midway(airflow3, orgauth_emulator, run_id, final)
    pid = task_of(airflow3, run_id)["pid"]
    path = f"/dags/export_retried/dagRuns/{run_id}/taskInstances/devices"
    # What there is to see meanwhile: where it goes, and a link.
    begun = f"Exporting {DEVICES} to {final}: 100 records asked for in a page, at most "
    assert begun in airflow3.task_log("export_retried", run_id, "devices")
    link = airflow3.api("GET", f"{path}/links")["extra_links"]["Connection"]
    assert link.endswith("/connections?name_pattern=orgauth_exports")
    for _ in poll_until("no progress is shown", 30):
        if running := progress(airflow3, path):
            break
    assert (running["state"], running["total"], running["path"]) == ("running", COUNT, str(final))
    assert running["pages"] * 100 == running["records"] > 0
    airflow3.api("PATCH", path, json={"new_state": "failed"})

    for _ in poll_until("the task does not end", 60, pause=0.05):
        if not Path(f"/proc/{pid}").exists():
            break
    log = airflow3.task_log("export_retried", run_id, "devices")
    assert re.search(
        r"The task was stopped \(marked as failed .*/devices was not sent\. The export stopped after page", log
    )
    assert "Check that" not in log
    assert airflow3.wait("export_retried", run_id) == "failed"
    assert not final.exists()

    orgauth_emulator.settings(latency=0)
    again = {"dry_run": False, "task_ids": ["devices"], "dag_run_id": run_id, "only_failed": False}
    airflow3.api("POST", "/dags/export_retried/clearTaskInstances", json=again)
    assert wait_for_the_end(airflow3, "export_retried", run_id, final, expected) == "success"
    assert files_in(tmp_path) == ["devices.jsonl"]
    went_on = re.search(r"Resuming after page (\d+)", airflow3.task_log("export_retried", run_id, "devices"))
    assert int(went_on[1]) >= page
    done = progress(airflow3, path)
    assert (done["state"], done["records"], done["bytes"]) == ("complete", COUNT, len(expected))


def test_asset_events_carry_the_manifests(airflow3, run):
    for dag_id in ("on_asset", "on_alias"):
        airflow3.api("PATCH", f"/dags/{dag_id}", json={"is_paused": False})
    run_id, state = run("export_assets")
    assert state == "success"
    manifests = results(airflow3, "export_assets", run_id)

    assert set(manifests) == {"asset", "alias"}
    for name in ("asset", "alias"):
        file, manifest = airflow3.root / "exported" / f"by {name}.jsonl", manifests[name]
        assert agrees(manifest, file)
        for _ in poll_until(f"on_{name} does not run", 60):
            if runs := airflow3.query("SELECT run_id FROM dag_run WHERE dag_id = ?", f"on_{name}"):
                break
        assert airflow3.wait(f"on_{name}", runs[0]["run_id"]) == "success"
        seen = results(airflow3, f"on_{name}", runs[0]["run_id"])["seen"]
        assert seen[f"file://{file}"] == [manifest]
    assert seen["exported_devices"] == [manifests["alias"]]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/data/a b.jsonl", "file:///data/a b.jsonl"),
        ("file:///data/a.jsonl", "file:///data/a.jsonl"),
        ("s3://aws_default@lake/devices/a@b.jsonl", "s3://lake/devices/a@b.jsonl"),
        ("gs://lake/a.jsonl", "gs://lake/a.jsonl"),
    ],
)
def test_an_asset_is_named_as_people_name_it(path, uri):
    assert uri_of(path) == uri


def by_number(request, answer):
    return None


class Callable:
    def __call__(self, request, answer):
        return None


def test_what_a_retry_goes_on_with_is_told_alike_by_each_process():
    """A function is told by its name: its address differs, and the retry would begin anew each time."""
    styles = [CallablePagination(by_number), CallablePagination(partial(by_number, answer=1)), Callable()]

    for style in styles:
        assert digest_of([style, {"size": 1}]) == digest_of([copied(style), {"size": 1}])
    assert len({digest_of(style) for style in [*styles, PageNumberPagination(), PageNumberPagination(size=2)]}) == 5


def copied(style):
    """Return an equal style with another address in everything."""
    if not isinstance(style, CallablePagination):
        return type(style)()
    function = style.next_page
    if isinstance(function, partial):
        return CallablePagination(partial(function.func, *function.args, **function.keywords))
    return CallablePagination(FunctionType(function.__code__, globals(), function.__name__))


def test_the_data_interval_is_asked_for(airflow3, conn, tmp_path):
    airflow3.api("PATCH", "/dags/readings_of_interval", json={"is_paused": False})
    begin, end = datetime(2025, 6, 1, 12, 0, tzinfo=UTC), datetime(2025, 6, 1, 14, 0, tzinfo=UTC)
    body = {
        "logical_date": begin.isoformat(),
        "data_interval_start": begin.isoformat(),
        "data_interval_end": end.isoformat(),
        "conf": {"conn": conn, "folder": str(tmp_path)},
    }
    run_id = airflow3.api("POST", "/dags/readings_of_interval/dagRuns", json=body)["dag_run_id"]
    assert airflow3.wait("readings_of_interval", run_id) == "success"

    manifest = results(airflow3, "readings_of_interval", run_id)["readings"]
    assert (manifest["since"], manifest["until"]) == (begin.isoformat(), end.isoformat())
    times = [reading["createdAt"] for reading in lines_of((tmp_path / "readings.jsonl").read_bytes())]
    assert times == [int(begin.timestamp() + 60 * minute) * 1000 for minute in range(121)]


@pytest.mark.parametrize(
    ("dag_id", "logical_date", "said"),
    [
        ("readings_of_interval", None, "this run has no data interval"),
        ("readings_of_interval", "2025-06-03T00:00:00Z", "this run's data interval is empty"),
        ("readings_daily", "2025-06-03T00:00:00Z", "this run's data interval is empty"),
    ],
    ids=["by hand", "by hand for a date", "cron"],
)
def test_a_run_without_an_interval_says_so(airflow3, conn, tmp_path, dag_id, logical_date, said):
    """Airflow 3's cron schedules give each run an interval of no length, unless they are told otherwise."""
    airflow3.api("PATCH", f"/dags/{dag_id}", json={"is_paused": False})
    body = {"logical_date": logical_date, "conf": {"conn": conn, "folder": str(tmp_path)}}
    run_id = airflow3.api("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"]

    assert airflow3.wait(dag_id, run_id) == "failed"
    log = airflow3.task_log(dag_id, run_id, "readings")
    assert said in log
    assert "watermark" in log
    assert files_in(tmp_path) == []


def test_the_watermark_moves_when_a_file_is_complete(airflow3, run, orgauth_emulator):
    def export():
        run_id, state = run("readings_since", watermark="readings")
        return state, results(airflow3, "readings_since", run_id).get("readings")

    first = export()
    orgauth_emulator.fault("status", "/device/datastream/history", status=404)
    failed, second = export(), export()

    assert [first[0], failed[0], second[0]] == ["success", "failed", "success"]
    assert "since" not in first[1]
    assert second[1]["since"] == first[1]["until"] < second[1]["until"]
    assert first[1]["records"] in (24 * 60, 24 * 60 + 1)  # without a beginning, the emulator gives a day, by the minute
    assert second[1]["records"] < 60
    asked = [call["query"] for call in orgauth_emulator.requests() if call["path"].endswith("/history")]
    assert ["from" in names for names in asked] == [False] * (len(asked) - 2) + [True] * 2
    assert all("to" in names for names in asked)
    assert airflow3.api("GET", "/variables/orgauth_watermark_readings")["value"] == second[1]["until"]


def test_mapped_tasks_and_a_function_that_pages(airflow3, run, tmp_path):
    run_id, state = run("export_mapped")

    assert state == "success", airflow3.task_states("export_mapped", run_id)
    manifests = results(airflow3, "export_mapped", run_id)
    assert {key: (Path(one["path"]).name, one["pages"]) for key, one in manifests.items()} == {
        ("paths", 0): ("path-1.jsonl", 12),
        ("paths", 1): ("path-2.jsonl.gz", 12),
        ("kwargs", 0): ("kwargs-1.jsonl", 24),
        ("kwargs", 1): ("kwargs-2.jsonl", 18),
        "function": ("function.jsonl", 13),
    }
    assert all(agrees(one, one["path"]) and one["records"] == COUNT for one in manifests.values())
    assert len(files_in(tmp_path)) == 5
    path = f"/dags/export_mapped/dagRuns/{run_id}/taskInstances"
    shown = {
        (one["task_id"], one["map_index"]): one["rendered_fields"]["pagination"]
        for one in airflow3.api("GET", path)["task_instances"]
    }
    assert "PageNumberPagination(" in shown["paths", 0]
    assert shown["kwargs", 0] == {"size": 500, "type": "page_number"}
    assert "size=700" in shown["kwargs", 1]
    assert "by_number" in shown["function", -1]


ONE_FILE = {
    ("again", -1): ["success"],
    ("first", -1): ["success"],
    ("second", -1): ["failed"],
    ("primary", -1): ["failed"],
    ("instead", -1): ["success"],
    ("own", 0): ["success"],
    ("own", 1): ["success"],
}
"""Of tasks that write into one file, those that must come to this end; of mapped ones at most one writes it."""


def check_one_file(states, folder, manifests):
    """Check that no task instance replaced what another one wrote.

    :param states: by task and index.
    """
    assert {key: states[key] for key in ONE_FILE} == {key: state for key, (state,) in ONE_FILE.items()}
    for task_id, count in (("mapped", 3), ("expanded", 2), ("group.in_group", 2), ("downloaded", 2)):
        found = [states[task_id, index] for index in range(count)]
        assert found.count("success") <= 1, task_id
        assert found.count("failed") == count - found.count("success"), task_id
    written = {one["path"].removeprefix("file://") for one in manifests.values()}
    assert len(written) == len(manifests)
    # What a failed task leaves for its next attempt is hidden.
    shown = {str(folder / name) for name in files_in(folder) if not name.startswith(".")}
    assert shown - {str(folder / "downloaded.json")} == written
    assert all(agrees(one, one["path"]) and one["records"] == COUNT for one in manifests.values())


def test_no_task_instance_replaces_anothers_file(airflow3, run, tmp_path):
    run_id, state = run("export_one_file")

    assert state == "failed"
    path = f"/dags/export_one_file/dagRuns/{run_id}/taskInstances"
    states = {(one["task_id"], one["map_index"]): one["state"] for one in airflow3.api("GET", path)["task_instances"]}
    check_one_file(states, tmp_path, results(airflow3, "export_one_file", run_id))
    log = airflow3.task_log("export_one_file", run_id, "second")
    assert "is written by task 'first' in this DAG run too" in log
    assert "{{ task.task_id }}" in log


def serialized(airflow):
    """Return the serialized DAGs, as text: what differs in them from parse to parse makes a new version each time."""
    rows = airflow.query("SELECT dag_id, data FROM serialized_dag WHERE dag_id LIKE 'export%'")
    assert {"export", "export_mapped"} <= {row["dag_id"] for row in rows}
    return str(rows)


def test_a_serialized_dag_has_no_address_in_it(airflow3):
    text = serialized(airflow3)

    assert "PageNumberPagination(page_param=" in text
    assert "by_number" in text
    assert " at 0x" not in text


class TestOnAirflow211:
    @pytest.fixture
    def dags(self, airflow211):
        airflow211.add_dags(EXPORT_DAGS)
        yield airflow211
        (airflow211.dags_folder / EXPORT_DAGS.name).unlink()

    @pytest.fixture
    def conf(self, dags, orgauth_emulator, monkeypatch, tmp_path):
        monkeypatch.setitem(dags.env, "AIRFLOW_CONN_EXPORTS", orgauth_emulator.connection_json(max_attempts=2))
        return {"conn": "exports", "folder": str(tmp_path)}

    def test_a_second_try_begins_anew_and_leaves_nothing_behind(
        self, dags, conf, undisturbed, orgauth_emulator, tmp_path
    ):
        expected = undisturbed(pagination={"size": 100}, unique_by="id")
        orgauth_emulator.fault("slow", "/devices", skip=80, delay=300)
        final = tmp_path / "devices.jsonl"
        with dags.start():
            run_id = dags.trigger("export_retried", conf)
            for _ in poll_until("the export does not begin", 90, pause=0.05):
                assert not final.exists()
                if any(file.stat().st_size > 1_000_000 for file in tmp_path.glob(".devices.jsonl.*")):
                    break
            os.kill(task_of(dags, run_id)["pid"], signal.SIGKILL)
            orgauth_emulator.clear_faults()
            state = wait_for_the_end(dags, "export_retried", run_id, final, expected)

        log = dags.task_log("export_retried", run_id, "devices")
        assert state == "success", log[-3000:]
        assert f"{COUNT:,} records of {COUNT // 100:,} pages" in log
        assert "Resuming after page" not in log
        assert task_of(dags, run_id)["try_number"] == 2
        assert files_in(tmp_path) == ["devices.jsonl"]
        assert agrees(results(dags, "export_retried", run_id)["devices"], final)

    def test_dataset_events_carry_the_manifests(self, dags, conf):
        done = dags.dags_test("export_assets", conf)
        assert done.state == "success", done.output[-3000:]

        sql = "SELECT d.uri, e.extra FROM dataset d JOIN dataset_event e ON e.dataset_id = d.id"
        events = {row["uri"]: json.loads(row["extra"]) for row in dags.query(sql)}
        manifests = results(dags, "export_assets", done.run_id)
        assert events == {f"file://{manifest['path']}": manifest for manifest in manifests.values()}
        assert len(events) == 2
        assert all(agrees(one, one["path"]) for one in manifests.values())

    def test_the_data_interval_is_asked_for(self, dags, conf, tmp_path):
        """Here, a cron schedule gives each run the time since the one before."""
        dags.cli("dags", "test", "readings_daily", "2025-06-03", "--conf", json.dumps(conf))

        times = [reading["createdAt"] for reading in lines_of((tmp_path / "readings.jsonl").read_bytes())]
        begin = datetime(2025, 6, 2, tzinfo=UTC).timestamp()
        assert times == [int(begin + 60 * minute) * 1000 for minute in range(24 * 60 + 1)]

    def test_the_watermark_moves(self, dags, conf):
        conf = {**conf, "watermark": "readings"}
        runs = [dags.dags_test("readings_since", conf) for _ in range(2)]
        first, second = (results(dags, "readings_since", run.run_id)["readings"] for run in runs)

        assert "since" not in first
        assert second["since"] == first["until"] < second["until"]

    def test_mapped_tasks_and_a_function_that_pages(self, dags, conf, tmp_path):
        done = dags.dags_test("export_mapped", conf)

        assert done.state == "success", done.output[-3000:]
        manifests = results(dags, "export_mapped", done.run_id)
        assert len(manifests) == len(files_in(tmp_path)) == 5
        assert all(agrees(one, one["path"]) and one["records"] == COUNT for one in manifests.values())

    def test_no_task_instance_replaces_anothers_file(self, dags, conf, tmp_path):
        done = dags.dags_test("export_one_file", conf)

        assert done.state == "failed", done.output[-3000:]
        rows = dags.query("SELECT task_id, map_index, state FROM task_instance WHERE run_id = ?", done.run_id)
        states = {(row["task_id"], row["map_index"]): row["state"] for row in rows}
        check_one_file(states, tmp_path, results(dags, "export_one_file", done.run_id))
        assert "is written by task 'first' in this DAG run too" in done.output

    def test_a_serialized_dag_has_no_address_in_it(self, dags):
        dags.cli("dags", "reserialize")
        text = serialized(dags)

        assert "PageNumberPagination(page_param=" in text
        assert "by_number" in text
        assert " at 0x" not in text
