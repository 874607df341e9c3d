"""The record of a running export in Airflow's task state store: readable, and worth no task."""

from __future__ import annotations

import itertools
import json
import logging
from datetime import datetime

import pytest
from operators.state_in_a_dict import StateInADict

from airflow_provider_orgauth.exports.progress import Progress
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.operators.task_progress import PROGRESS_KEY, TaskProgress
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICES = "/api/v1/organization/devices"


class History(StateInADict):
    """Remembers every record."""

    def __init__(self):
        super().__init__()
        self.records = []

    def set(self, key, value):
        super().set(key, value)
        if key == PROGRESS_KEY:
            self.records.append(value)


def test_a_record_every_few_seconds_says_what_the_line_in_the_log_says():
    store, seconds = History(), itertools.count()
    progress = Progress(
        logging.getLogger("test"), timer=lambda: next(seconds), show=TaskProgress(store, "/data/a.jsonl").show
    )
    for page in range(1, 12):
        progress.observe(pages=page, records=page * 100, total=2000, read=page * 5000)

    assert len(store.records) == 2
    at = store.records[1].pop("at")
    assert datetime.fromisoformat(at).tzinfo is not None
    assert store.records[1] == {
        "state": "running",
        "records": 1000,
        "total": 2000,
        "percent": 50,
        "pages": 10,
        "bytes_read": 50_000,
        "records_per_second": 100,
        "seconds_left": 10,
        "path": "/data/a.jsonl",
    }


@pytest.fixture
def conn_id(orgauth_emulator, monkeypatch):
    return orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)


@pytest.mark.parametrize(
    ("suffix", "states"), [("jsonl", ["complete"]), ("parquet", ["converting", "complete"])], ids=["lines", "Parquet"]
)
def test_the_last_record_has_the_files_size(conn_id, tmp_path, suffix, states):
    store, path = History(), tmp_path / f"devices.{suffix}"
    manifest = OrgApiOperator(
        task_id="t", endpoint=DEVICES, pagination=PageNumberPagination(), output_path=str(path)
    ).execute({"task_state_store": store})

    assert [record["state"] for record in store.records] == states
    last = store.records[-1]
    assert (last["records"], last["pages"], last["bytes"]) == (manifest["records"], 3, path.stat().st_size)
    assert list(store.values) == [PROGRESS_KEY]


def test_an_export_that_stops_says_where(conn_id, orgauth_emulator, tmp_path):
    orgauth_emulator.fault("status", DEVICES, status=500, skip=2, times=0)
    store = History()
    with pytest.raises(Exception, match="500"):
        OrgApiOperator(
            task_id="t",
            endpoint=DEVICES,
            pagination=PageNumberPagination(),
            output_path=str(tmp_path / "devices.jsonl"),
            max_concurrency=1,
        ).execute({"task_state_store": store})

    assert [(record["state"], record["records"], record["pages"]) for record in store.records] == [("stopped", 2000, 2)]
    assert orgauth_emulator.client_secret not in json.dumps(store.values)


class Broken:
    """A store that is out of reach."""

    tried = 0

    def set(self, key, value):
        self.tried += 1
        raise ConnectionError


@pytest.mark.parametrize("last", ["stopped", "complete"])
def test_a_store_out_of_reach_is_asked_once_and_for_the_last_record(last):
    broken = Broken()
    progress = TaskProgress(broken, "/data/a.jsonl")
    for _ in range(3):
        progress.show({"state": "running"})
    assert broken.tried == 1

    progress.show({"state": last})
    assert broken.tried == 2


def test_where_there_is_no_store_nothing_happens():
    TaskProgress(None, "/data/a.jsonl").show({"state": "running"})
