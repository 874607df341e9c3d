"""No secret in what a list or an export says or leaves behind: logs, errors, manifest, state, files beside the file."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pytest
from broken_servers import API, BROKEN, DEVICES
from told import told

from airflow_provider_orgauth.client import shared_backoff
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

PAGES = {"size": 4}
TASK = SimpleNamespace(dag_id="dag", task_id="export", run_id="run", map_index=-1)
LEFT_OUT = {"drop_fields": ["token"]}
"""Without it, a device's own token is in the file: it is a part of the record."""


class Store:
    """Stands for Airflow's task state store, and remembers all that it was ever given."""

    def __init__(self):
        self.values, self.seen = {}, []

    def get(self, key):
        return self.values.get(key)

    def set(self, key, value):
        self.seen.append(json.dumps({key: value}))
        self.values[key] = value

    def delete(self, key):
        self.values.pop(key, None)


def contents(folder):
    return b"\n".join(
        str(path).encode() + b": " + path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    )


@pytest.fixture
def outputs(servers, said, tmp_path):
    """Run exports, and at the end search all that they said and left behind."""

    class Outputs:
        def __init__(self):
            self.store, self.parts, self.errors = Store(), [], []

        def attempt(self, call):
            try:
                self.parts.append(repr(call()))
            except Exception as error:
                logging.getLogger("a.task").exception("Task failed with %s", error)
                self.parts.append(told(error))
                self.errors.append(error)

        def export(self, suffix, **arguments):
            operator = OrgApiOperator(
                task_id="export",
                endpoint=f"{API}devices",
                org_conn_id="hunted",
                **{"pagination": PAGES, "output_path": str(tmp_path / f"a{suffix}"), **LEFT_OUT, **arguments},
            )
            self.attempt(lambda: operator.execute({"ti": TASK, "task_state_store": self.store}))
            self.parts += [repr(operator), repr(vars(operator))]

        def found(self, name):
            everything = "\n".join([*self.parts, *self.store.seen, said.getvalue()]).encode("utf-8", "surrogatepass")
            return servers.secrets(name).found(everything + contents(tmp_path))

    return Outputs()


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_an_export_that_stops_and_goes_on(connect, outputs, said, tmp_path, monkeypatch, max_concurrency):
    from airflow_provider_orgauth.exports import checkpoints, local_sink

    monkeypatch.setattr(checkpoints, "SAVE_INTERVAL_SECONDS", 0)
    monkeypatch.setattr(local_sink.LocalSink, "cut_bytes", 1)
    emulator = connect("life", max_attempts=1)
    arguments = {"max_concurrency": max_concurrency, "log_response": True, "unique_by": ["token", "id"]}

    outputs.export(".jsonl", response_check="content[0].id < `9`", **arguments)
    assert not (tmp_path / "a.jsonl").exists()
    assert any(path.name.endswith(".part") for path in tmp_path.iterdir())
    beside = contents(tmp_path)
    emulator.revoke()
    outputs.export(".jsonl", **arguments)

    assert len(outputs.errors) == 1
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == DEVICES
    assert len(outputs.store.seen) > 2
    assert b"keys" in beside
    assert "Resuming after page" in said.getvalue()
    assert outputs.found("life") == []
    outputs.parts.append(beside.decode("utf-8", "replace"))
    assert outputs.found("life") == []


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".parquet"])
def test_other_formats_leave_out_what_is_dropped(connect, outputs, tmp_path, suffix):
    connect("life", max_attempts=1)
    outputs.export(suffix)
    outputs.export(suffix, unique_by="nothing")
    outputs.export(suffix, strict=True, response_check="false")

    assert len(outputs.errors) == 2
    assert outputs.found("life") == []


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_an_export_from_a_server_that_fails(connect, servers, outputs, tmp_path, monkeypatch, name, max_concurrency):
    monkeypatch.setattr(shared_backoff, "RATE_LIMIT_PATIENCE_SECONDS", 0.0)  # with a server that says nothing but 429
    connect(name, **{**servers.extra(name), "max_attempts": 1})
    outputs.export(".jsonl", max_concurrency=max_concurrency)
    outputs.export(".jsonl", max_concurrency=max_concurrency, log_response=True)  # goes on, where there is anything

    assert outputs.errors
    assert not (tmp_path / "a.jsonl").exists()
    assert outputs.found(name) == []


@pytest.mark.parametrize("name", ["life", "api_400_echo", "api_401", "api_redirect", "token_400_echo", "wrong_secret"])
def test_a_walk_of_the_hook(connect, servers, outputs, name):
    connect(name, **{**(servers.extra(name) if name in BROKEN else {}), "max_attempts": 1})
    hook = OrgAuthHook("hunted")
    pages = hook.paginate(f"{API}devices", pagination=PAGES, params={"access_token": "{}".format("t" * 30)})
    outputs.parts += [repr(pages), str(pages)]
    outputs.attempt(lambda: [device["id"] for device in pages])
    outputs.attempt(
        lambda: [len(page) for page in hook.paginate(f"{API}devices", pagination=PAGES, records="none").pages()]
    )

    assert len(outputs.errors) == (1 if name == "life" else 2)
    assert outputs.found(name) == []


def test_records_as_a_result_hold_no_devices_token(connect, outputs):
    connect("life", max_attempts=1)
    for arguments in ({}, {"response_filter": "[].{x: token}"}, {"response_filter": lambda records: records}):
        outputs.export("", output_path=None, drop_fields=None, log_response=True, **arguments)
    outputs.export("", output_path=None, drop_fields=None, max_result_bytes=10)

    assert len(outputs.errors) == 1
    assert outputs.found("life") == []


def test_the_search_would_find_a_devices_token_in_the_file(connect, outputs):
    connect("life", max_attempts=1)
    outputs.export(".jsonl", drop_fields=None)

    assert "life device token" in " ".join(outputs.found("life"))
