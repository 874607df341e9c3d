# ruff: noqa: ANN001, ANN201, S101
"""The DAGs of the how-to guides, each run on the emulator."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import after_http_dag
import after_variable_dag
import before_http_dag
import before_variable_dag
import example_orgauth_provision as provision
import first_dag
import first_export_dag
import many_apis_dag
import many_ids_dag
import pytest

from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


def result(run, task_id, map_index=-1):
    instance = run.get_task_instance(task_id, map_index=map_index)
    return instance.xcom_pull(task_ids=task_id, map_indexes=map_index)


def lines(path):
    return [json.loads(line) for line in gzip.decompress(Path(path).read_bytes()).splitlines()]


def test_the_first_dag_finds_devices_and_says_whether_one_is_online(orgauth_emulator, orgauth_connection):
    run = first_dag.dag.test()

    assert len(result(run, "devices")) == 2500
    assert result(run, "first_one_online") in (True, False)
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_the_first_export_has_every_device_and_no_credential(orgauth_connection, tmp_path):
    run = first_export_dag.dag.test(run_conf={"folder": str(tmp_path)})

    manifest = result(run, "export")
    devices = lines(manifest["path"])
    assert len({device["id"] for device in devices}) == manifest["records"] == 2500
    assert not any("token" in device for device in devices)


@pytest.fixture
def devices_csv(tmp_path):
    """Three devices, as a spreadsheet writes them."""
    path = tmp_path / "devices.csv"
    path.write_text(
        "\ufeffname,templateId,place\r\nHall 1 a,353,Hall 1\r\nHall 1 b,354,\r\n Hall 1 ü ,355,\r\n", "utf-8"
    )
    return path


def new_names():
    devices = OrgAuthHook().paginate("/api/v1/organization/devices", pagination="page_number")
    return sorted(device["name"] for device in devices if device["name"].startswith("Hall"))


def test_provisioning_twice_creates_each_device_once(orgauth_connection, devices_csv):
    first = provision.dag.test(run_conf={"csv": str(devices_csv)})
    second = provision.dag.test(run_conf={"csv": str(devices_csv)})

    assert result(first, "provision") == {"wanted": 3, "created": 3, "there": 0}
    assert result(second, "provision") == {"wanted": 3, "created": 0, "there": 3}
    assert new_names() == ["Hall 1 a", "Hall 1 b", "Hall 1 ü"]


def test_provisioning_goes_on_after_an_answer_was_lost(orgauth_emulator, orgauth_connection, devices_csv, monkeypatch):
    monkeypatch.setattr(provision.dag.get_task("provision"), "retry_delay", timedelta(0))
    orgauth_emulator.fault("reset_after", "/api/v1/organization/device/create", skip=1)

    run = provision.dag.test(run_conf={"csv": str(devices_csv)})

    assert run.get_task_instance("provision").try_number == 2
    assert result(run, "provision") == {"wanted": 3, "created": 1, "there": 2}
    assert new_names() == ["Hall 1 a", "Hall 1 b", "Hall 1 ü"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name;templateId\nPump 1;353\n", "wants the columns name and templateId"),
        ("", "wants the columns name and templateId"),
        ("name,templateId\nPump 1,353\nPump 2,\n", "Line 3 of the CSV wants a name, and a number"),
        ("name,templateId\nPump 1,353\nPump 1,354\n", "more than once: Pump 1"),
    ],
)
def test_a_mistake_in_the_csv_is_found_before_anything_is_sent(text, said):
    with pytest.raises(ValueError, match=said):
        provision.wanted_devices(text.splitlines())


def test_each_of_many_servers_has_a_file_and_a_name_in_the_ui(monkeypatch, tmp_path):
    with running_emulator(devices=10) as europe, running_emulator(devices=20, seed=2) as america:
        for conn_id, emulator in (("europe", europe), ("america", america), ("asia", europe)):
            monkeypatch.setenv(f"AIRFLOW_CONN_ORGAUTH_{conn_id.upper()}", emulator.connection_json())
        run = many_apis_dag.dag.test(run_conf={"folder": str(tmp_path)})

    assert run.state == "success"
    manifests = [result(run, "export", index) for index in range(3)]
    assert [manifest["records"] for manifest in manifests[:2]] == [10, 20]
    assert [Path(manifest["path"]).name.partition("-")[0] for manifest in manifests] == [
        "orgauth_europe",
        "orgauth_america",
        "orgauth_asia",
    ]
    instances = [run.get_task_instance("export", map_index=index) for index in range(3)]
    assert [one.rendered_map_index for one in instances] == ["orgauth_europe", "orgauth_america", "orgauth_asia"]


def test_mapped_tasks_and_threads_find_the_same(orgauth_emulator, orgauth_connection):
    run = many_ids_dag.dag.test()

    ids = result(run, "find_ids")
    in_threads = result(run, "online_in_threads")
    assert list(in_threads) == [str(device_id) for device_id in ids]
    assert [result(run, "online_mapped", index) for index in range(len(ids))] == list(in_threads.values())
    instances = [run.get_task_instance("online_mapped", map_index=index) for index in range(len(ids))]
    assert [one.rendered_map_index for one in instances] == [f"device {device_id}" for device_id in ids]
    assert orgauth_emulator.stats()["token_requests"] == 1


@pytest.mark.parametrize(
    ("before", "after"), [(before_http_dag, after_http_dag), (before_variable_dag, after_variable_dag)]
)
def test_what_replaces_it_returns_the_same(orgauth_emulator, monkeypatch, before, after):
    connection = json.loads(orgauth_emulator.connection_json())
    # Airflow chooses the hook by the connection's type.
    monkeypatch.setenv("AIRFLOW_CONN_ORGANIZATION_API", json.dumps({**connection, "conn_type": "http"}))
    old = before.dag.test()
    monkeypatch.setenv("AIRFLOW_CONN_ORGANIZATION_API", json.dumps(connection))
    new = after.dag.test()

    assert result(old, "organization") == result(new, "organization") == "Emulated Organization"
