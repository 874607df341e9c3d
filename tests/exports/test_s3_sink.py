"""An export to S3, against a real store: unseen until it is complete, whatever happens in between."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from lossy_proxy import LossyProxy
from s3_filesystem import filesystem
from sink_writer import page

from airflow_provider_orgauth.exceptions import FileChangedError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.s3_sink import S3Sink, part_size
from airflow_provider_orgauth.exports.sink_choice import sink_of

sys.path.insert(0, str(Path(__file__).parents[1] / "exports_unit"))

from sink_contract import LandingContract, Place, pages, saved, unit

MIB = 1024**2


def abort_all(s3, key: str) -> None:
    for _, upload in s3.uploads(key):
        s3.client().abort_multipart_upload(Bucket=s3.bucket, Key=key, UploadId=upload)


@pytest.fixture
def key() -> str:
    return f"landings/{uuid4().hex}/devices.jsonl"


@pytest.fixture
def place(s3, key) -> Place:
    fs, path = filesystem(s3), f"{s3.bucket}/{key}"
    folder = key.rpartition("/")[0] + "/"
    return Place(
        sink=lambda _: S3Sink(fs, path),
        content=lambda: s3.read(key) if s3.keys(key) else None,
        leftovers=lambda: [*map(str, s3.uploads(folder)), *(one for one in s3.keys(folder) if one != key)],
        put=lambda content: s3.client().put_object(Bucket=s3.bucket, Key=key, Body=content),
        lose=lambda: abort_all(s3, key),
    )


class TestContract(LandingContract):
    pass


def test_a_listing_shows_nothing_before(s3, key, place):
    sink = place.sink("task")
    sink.begin()
    unit(sink, pages(1))
    state = saved(sink)
    assert s3.keys("landings/" + key.split("/")[1]) == []
    assert s3.uploads(key) == [(key, state["upload_id"])]
    assert [number for number, _ in s3.parts(key, state["upload_id"])] == [1]

    sink.complete()
    assert s3.keys(key) == [key]
    assert s3.uploads(key) == []


def test_fsspecs_listing_knows_of_it_at_once(s3, key):
    fs = filesystem(s3)
    sink = S3Sink(fs, f"{s3.bucket}/{key}")
    sink.begin()
    parent = f"{s3.bucket}/{key}".rpartition("/")[0]
    s3.client().put_object(Bucket=s3.bucket, Key=f"{key}.other", Body=b"")
    assert len(fs.ls(parent)) == 1
    sink.complete()
    assert len(fs.ls(parent)) == 2


@pytest.mark.parametrize("change", [{"parts": 2}, {"digest": "0" * 64}], ids=["a part is missing", "another part"])
def test_an_upload_that_is_not_as_it_was_saved_is_aborted(s3, key, place, change):
    sink = place.sink("task")
    sink.begin()
    unit(sink, pages(1))
    state = saved(sink)
    with pytest.raises(CannotResumeError, match="not what they were"):
        place.sink("task").resume({**state, **change})
    assert s3.uploads(key) == []


def test_parts_that_another_process_replaced_are_not_gone_on_with(s3, key, place):
    sink = place.sink("task")
    sink.begin()
    content = unit(sink, pages(1))
    state = saved(sink)
    where = {"Bucket": s3.bucket, "Key": key, "UploadId": state["upload_id"]}
    s3.client().upload_part(**where, PartNumber=1, Body=b"a" * len(content))

    heir = place.sink("task")
    try:
        heir.resume(state)
    except CannotResumeError:
        assert s3.uploads(key) == []
    else:  # this store lists both parts, in an order of its own, and gives the one that is asked for
        heir.complete()
        assert place.content() == content


def test_parts_grow_so_that_ten_thousand_hold_what_an_object_may():
    sizes = [part_size(before) for before in range(10_000)]
    assert sizes[0] == sizes[999] == 5 * MIB
    assert sizes[1000] == 10 * MIB
    assert sizes[-1] <= 5 * 1024 * MIB
    assert sum(sizes) > 4.8 * 1024**2 * MIB


def test_many_parts_are_listed_by_pages(s3, key, place):
    """Resuming asks for 1000 parts at a time; the parts are small, so nobody could complete them."""
    sink = place.sink("task")
    sink.begin()
    for number in range(1005):
        sink.write(b"%d" % number)
        sink.cut()
    state = saved(sink)
    assert state["parts"] == 1005
    heir = place.sink("task")
    heir.resume(state)
    assert saved(heir) == state
    assert heir.cut_bytes == 10 * MIB
    heir.discard()
    assert s3.uploads(key) == []


def test_a_part_that_fails_is_not_forgotten(s3, key, place):
    sink = place.sink("task")
    sink.begin()
    unit(sink, pages(1))
    before = saved(sink)
    place.lose()
    unit(sink, pages(2))
    for _ in range(2):
        with pytest.raises(FileChangedError, match="is gone"):
            sink.save()
    with pytest.raises(FileChangedError, match="is gone"):
        unit(sink, pages(3))
    with pytest.raises(FileChangedError, match="is gone"):
        sink.complete()
    assert place.content() is None
    sink.discard()
    with pytest.raises(CannotResumeError, match="its upload is gone"):
        place.sink("task").resume(before)


def test_a_completion_that_fails_can_be_resumed_from_the_last_cut(s3, key, place):
    """What complete() sends belongs to no cut: the state that is saved after it must not count it."""
    with LossyProxy(s3.endpoint) as proxy:
        sink = S3Sink(filesystem(s3, endpoint_url=proxy.endpoint), f"{s3.bucket}/{key}")
        sink.begin()
        content = unit(sink, pages(1))
        state = saved(sink)
        sink.write(b"rest")
        proxy.refuse("uploadId=", method="POST")
        with pytest.raises(OSError, match="Access Denied"):
            sink.complete()
        assert sink.save() == state
    assert place.content() is None
    heir = place.sink("task")
    heir.resume(state)
    heir.write(b"another rest")
    heir.complete()
    assert place.content() == content + b"another rest"


def test_a_completion_whose_answer_is_lost_is_done(s3, key, place):
    """Amazon's answer to the second question may be that there is no such upload any more."""
    with LossyProxy(s3.endpoint) as proxy:
        sink = S3Sink(filesystem(s3, endpoint_url=proxy.endpoint), f"{s3.bucket}/{key}")
        sink.begin()
        content = unit(sink, pages(1)) + b"rest"
        sink.write(b"rest")
        proxy.lose_answer("uploadId=", method="POST")
        sink.complete()
        assert proxy.lost == 1
    assert place.content() == content


def test_a_completion_that_finds_another_object_is_not_done(s3, key, place):
    with LossyProxy(s3.endpoint) as proxy:
        sink = S3Sink(filesystem(s3, endpoint_url=proxy.endpoint), f"{s3.bucket}/{key}")
        sink.begin()
        content = unit(sink, pages(1))
        sink.save()
        place.put(content[::-1])  # of the same size
        proxy.fail("uploadId=", method="POST", status=404, code="NoSuchUpload")
        with pytest.raises(FileChangedError, match="is gone"):
            sink.complete()
        assert proxy.failed == 1
    assert place.content() == content[::-1]


def test_no_credential_is_in_an_error_or_a_log(s3, key, caplog):
    caplog.set_level(logging.INFO)
    wrong = "a-secret-that-nobody-may-see"
    sink = S3Sink(filesystem(s3, secret=wrong, token="and-a-session-token"), f"{s3.bucket}/{key}")
    with pytest.raises(OSError) as error:  # noqa: PT011
        sink.begin()
    with pytest.raises(PermissionError):
        sink.resume({"upload_id": "none", "nonce": "", "parts": 1, "bytes": 1, "digest": ""})
    text = "".join(traceback.format_exception(error.value)) + caplog.text
    assert wrong not in text
    assert "and-a-session-token" not in text


def test_airflows_path_leads_here(s3, key, monkeypatch):
    from airflow.sdk import ObjectStoragePath

    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    sink = sink_of(ObjectStoragePath(s3.url(key)), key="task")
    assert isinstance(sink, S3Sink)
    sink.begin()
    sink.write(b"a")
    sink.complete()
    assert s3.read(key) == b"a"


PAGES = 120


@contextmanager
def writer(s3, key: str, folder: Path) -> Iterator[subprocess.Popen]:
    """One try of the task, killed at the end of the block in any case."""
    here = Path(__file__).parent
    command = [sys.executable, str(here / "sink_writer.py"), s3.url(key), str(folder / "state.json"), str(PAGES)]
    environment = {**os.environ, **s3.environment, "AIRFLOW_HOME": str(folder / "airflow")}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def lines(process: subprocess.Popen) -> Iterator[str]:
    """What the writer says of itself; Airflow says things too."""
    words = ("begins", "goes on", "saved", "completes", "is complete")
    return (line.strip() for line in process.stdout if line.startswith(words))


def test_another_process_goes_on(s3, key, tmp_path):
    with writer(s3, key, tmp_path) as process:
        for line in lines(process):
            if line.startswith("saved"):
                break
    assert s3.keys(key) == []
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["done"] > 0

    with writer(s3, key, tmp_path) as process:
        said = list(lines(process))
    assert said[0] == f"goes on after {state['done']}"
    assert said[-1] == "is complete"
    assert s3.read(key) == b"".join(map(page, range(PAGES)))
    assert s3.uploads(key) == []


def test_a_try_that_is_killed_loses_nothing_doubles_nothing_and_shows_nothing(s3, key, tmp_path):
    """The first tries die between two parts, after parts that nobody knows of, and while the upload is completed.

    The very first may die with an upload created and its id not saved yet: nobody can know of that one, and it stays
    until it counts as idle. Of all others none is left.
    """
    random = Random(20)
    state, known = tmp_path / "state.json", set()
    whole = hashlib.sha256(b"".join(map(page, range(PAGES)))).hexdigest()
    deaths = ["begins", "saved", "saved", "completes", "completes", None]
    for death in deaths:
        with writer(s3, key, tmp_path) as process:
            for line in lines(process):
                if death and line.startswith(death):
                    try:
                        process.wait(random.uniform(0, 0.15))  # a random moment after it
                    except subprocess.TimeoutExpired:
                        process.send_signal(signal.SIGKILL)
                    break
        if state.exists():
            known.add(json.loads(state.read_text())["landing"]["upload_id"])
        if s3.keys(key):
            assert hashlib.sha256(s3.read(key)).hexdigest() == whole
    assert hashlib.sha256(s3.read(key)).hexdigest() == whole
    left = {upload for _, upload in s3.uploads(key)}
    assert known
    assert not left & known
    assert len(left) <= 1
