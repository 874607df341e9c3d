"""The link to the folder of a file, in its store's console."""

from __future__ import annotations

from types import SimpleNamespace

import fsspec
import pytest

from airflow_provider_orgauth.operators.folder_link import FolderLink, console_url, push_folder_link
from airflow_provider_orgauth.operators.links import ConnectionLink
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

S3 = "https://console.aws.amazon.com/s3/buckets/lake?prefix="
GOOGLE = "https://console.cloud.google.com/storage/browser/"


@pytest.mark.parametrize(
    ("protocol", "path", "url"),
    [
        ("s3", "lake/devices/2026/a.jsonl", f"{S3}devices/2026/"),
        ("s3a", "lake/run 1&2/a+b.jsonl", f"{S3}run%201%262/"),
        ("s3", "lake/a.jsonl", S3),
        ("gs", "lake/devices/a.jsonl", f"{GOOGLE}lake/devices"),
        ("gcs", "lake/a.jsonl", f"{GOOGLE}lake"),
        ("file", "/data/a.jsonl", ""),
        ("abfs", "lake/a.jsonl", ""),
    ],
)
def test_it_leads_to_the_console_that_is_known(protocol, path, url):
    assert console_url(protocol, path) == url


@pytest.mark.parametrize("protocol", ["s3", "gs"])
def test_a_store_of_ones_own_has_another_console(protocol):
    assert console_url(protocol, "lake/a.jsonl", has_own_endpoint=True) == ""


@pytest.mark.parametrize("protocol", ["s3", "gs"])
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST"])
def test_nor_is_a_store_of_the_environment(monkeypatch, protocol, name):
    monkeypatch.setenv(name, "https://minio.example:9000")
    ti = Pushed()
    push_folder_link({"ti": ti}, stored(protocol, "lake/a.jsonl"))

    assert vars(ti).get(FolderLink.xcom_key, "") == ""


class Pushed(SimpleNamespace):
    """Stands for a task instance: keeps what is pushed."""

    def xcom_push(self, *, key, value):
        self.__dict__[key] = value


def stored(protocol, path):
    return SimpleNamespace(protocol=protocol, path=path, fs=fsspec.filesystem("memory"))


def test_it_is_pushed_where_airflow_reads_it():
    ti = Pushed()
    push_folder_link({"ti": ti}, stored("gs", "lake/devices/a.jsonl"))

    assert vars(ti) == {FolderLink.xcom_key: f"{GOOGLE}lake/devices"}


def test_nothing_is_pushed_where_nothing_can_be_opened():
    ti = Pushed()
    push_folder_link({"ti": ti}, stored("file", "/data/a.jsonl"))
    push_folder_link({}, stored("s3", "lake/a.jsonl"))

    assert vars(ti) == {}


def test_what_cannot_be_pushed_fails_nothing():
    push_folder_link({"ti": None}, stored("s3", "lake/a.jsonl"))


@pytest.mark.parametrize(
    ("output_path", "names"),
    [
        (None, ["Connection"]),
        ("/data/a.jsonl", ["Connection"]),
        ("file:///data/a.jsonl", ["Connection"]),
        ("s3://aws@lake/a.jsonl", ["Connection", "Folder of the file"]),
        ("gs://lake/a.jsonl", ["Connection", "Folder of the file"]),
        ("{{ var.value.lake }}/a.jsonl", ["Connection", "Folder of the file"]),
    ],
)
def test_a_task_has_it_only_where_there_may_be_one(output_path, names):
    operator = OrgApiOperator(task_id="t", endpoint="/x", output_path=output_path)

    assert [link.name for link in operator.operator_extra_links] == names


def test_the_links_of_a_subclass_stay():
    class OwnLink(ConnectionLink):
        name = "Own"

    class OwnOperator(OrgApiOperator):
        operator_extra_links = (*OrgApiOperator.operator_extra_links, OwnLink())

    task = OwnOperator(task_id="t", endpoint="/x")

    assert [link.name for link in task.operator_extra_links] == ["Connection", "Own"]
