"""Two attempts at one key, a store that says one thing and does another: what stands there is always one whole file."""

from __future__ import annotations

import datetime
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from s3_parts import PART, cut, part_of

from airflow_provider_orgauth.exceptions import FileChangedError, ForkedProcessError
from airflow_provider_orgauth.exports import s3_upload
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.writer import Writer

sys.path.insert(0, str(Path(__file__).parents[1]))
from forked import in_child


@pytest.fixture
def key() -> str:
    return f"overlaps/{uuid4().hex}/devices.jsonl"


def test_two_attempts_without_a_state_both_end_well(s3, key, attempt):
    first, second = attempt(), attempt()
    first.begin()
    one = cut(first, part_of(1))
    first.save()
    second.begin()
    two = cut(second, part_of(2))
    first.write(b"rest")
    first.complete()
    assert s3.read(key) == one + b"rest"
    assert first.overlap is None
    second.complete()
    assert s3.read(key) == two
    assert second.overlap == "another file got this name while this one was made, and is replaced by it"
    assert s3.uploads(key) == []


@pytest.mark.parametrize("content", [b"", b"small"])
def test_two_attempts_at_a_small_file(s3, key, attempt, content):
    first, second = attempt(), attempt()
    for sink in (first, second):
        sink.begin()
        sink.write(content)
    for sink in (second, first):
        sink.complete()
        assert s3.read(key) == content == b"".join(sink.read())
    assert first.overlap
    assert s3.uploads(key) == []


def test_the_first_wakes_up_before_its_completion_and_leaves_the_next_alone(s3, key, attempt):
    first, second = attempt(), attempt()
    first.begin()
    one = cut(first, part_of(1))
    state = first.save()
    first.write(b"the first's rest")
    second.resume(state)
    with pytest.raises(FileChangedError, match="is gone on with by another attempt"):
        first.complete()
    first.discard()
    assert s3.keys(key) == []
    two = cut(second, part_of(2))
    second.write(b"the second's rest")
    second.complete()
    assert s3.read(key) == one + two + b"the second's rest"
    assert second.overlap is None


def test_the_first_wakes_up_amid_its_parts_and_sends_none_any_more(s3, key, attempt, clock):
    first, second = attempt(), attempt()
    first.begin()
    one = cut(first, part_of(1))
    state = first.save()
    second.resume(state)
    two = cut(second, part_of(2))
    second.save()
    clock[0] += 2.0
    first.write(part_of(3))
    with pytest.raises(FileChangedError, match="is gone on with by another attempt"):
        first.cut()
    with pytest.raises(FileChangedError):
        first.save()
    second.complete()
    assert s3.read(key) == one + two


def test_a_part_that_the_first_had_under_way_when_it_was_paused_fails_the_next_and_mixes_nothing(s3, key, attempt):
    first, second, third = attempt(), attempt(), attempt()
    first.begin()
    cut(first, part_of(1))
    state = first.save()
    second.resume(state)
    cut(second, part_of(2))
    last = second.save()
    cut(first, part_of(3))  # a list that changed: the part of that number is another one
    first._await_all()
    # This store keeps both parts, and makes the object of those that are named.
    second.complete()
    assert s3.read(key) == part_of(1) + part_of(2)
    with pytest.raises(CannotResumeError):
        third.resume(last)


def test_the_first_completes_right_before_the_next_one_looks(s3, key, attempt):
    first, second, third = attempt(), attempt(), attempt()
    first.begin()
    one = cut(first, part_of(1))
    state = first.save()
    first.complete()
    with pytest.raises(CannotResumeError, match="is gone"):
        second.resume(state)
    third.begin()
    third.write(b"third")
    third.complete()
    assert s3.read(key) == b"third" != one
    assert third.overlap is None


@pytest.mark.parametrize("what", ["completed", "aborted"])
@pytest.mark.parametrize("then", ["cut", "save", "complete"])
def test_an_upload_that_is_gone_is_one_clear_error(s3, key, attempt, clock, what, then):
    sink, other = attempt(), s3.client()
    other.put_object(Bucket=s3.bucket, Key=key, Body=b"older")
    sink.begin()
    cut(sink, part_of(1))
    state = sink.save()
    where = {"Bucket": s3.bucket, "Key": key, "UploadId": state["upload_id"]}
    if what == "aborted":
        other.abort_multipart_upload(**where)
    else:
        parts = [{"PartNumber": 1, "ETag": other.list_parts(**where)["Parts"][0]["ETag"]}]
        other.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    stands = s3.read(key)
    clock[0] += 2.0
    sink.write(part_of(2))
    with pytest.raises(FileChangedError, match="is gone"):
        getattr(sink, then)()
    sink.discard()
    assert s3.read(key) == stands
    assert stands in (b"older", part_of(1))
    heir = attempt()
    with pytest.raises(CannotResumeError, match="is gone"):
        heir.resume(state)
    heir.begin()
    heir.write(b"anew")
    heir.complete()
    assert s3.read(key) == b"anew"


@pytest.mark.parametrize(
    ("status", "code"), [(500, "InternalError"), (503, "SlowDown"), (404, "NoSuchUpload"), (0, "")]
)
@pytest.mark.parametrize("is_done", [True, False])
def test_a_completion_that_fails_for_good_is_judged_by_the_object(
    s3, key, proxy, remote, attempt, status, code, is_done
):
    s3.client().put_object(Bucket=s3.bucket, Key=key, Body=b"older")
    remote.begin()
    content = cut(remote, part_of(1))
    state = remote.save()
    proxy.fail("uploadId=", method="POST", status=status, code=code, is_done=is_done)
    if is_done:
        remote.complete()
        assert s3.read(key) == content
    else:
        from botocore.exceptions import BotoCoreError  # only in .venv-exports

        with pytest.raises((OSError, FileChangedError, BotoCoreError)):
            remote.complete()
        assert s3.read(key) == b"older"
        heir = attempt()
        heir.resume(state)
        heir.complete()
        assert s3.read(key) == content
    assert proxy.failed
    assert s3.uploads(key) == []


def test_where_the_etag_says_nothing_the_objects_metadata_do(s3, key, attempt):
    """As under a key of one's own: S3 says so, and its ETags are no MD5s."""
    sink = attempt()
    sink.begin()
    content = cut(sink, part_of(1))
    sink.save()
    upload, parts = sink._upload, [{"PartNumber": 1, "ETag": '"opaque"'}]
    sink.complete()
    head = s3_upload.head_of(sink._fs, sink._object)
    assert upload.made(head, parts, len(content))
    assert not upload.made(head, parts * 2, len(content))
    assert not upload.made(head, parts, len(content) + 1)
    assert not upload.made({**head, "Metadata": {"orgauth-upload": "another's"}}, parts, len(content))


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (0, "")])
def test_a_store_that_stumbles_at_parts_gets_them_again(s3, key, proxy, attempt, status, code):
    remote = attempt(endpoint_url=proxy.endpoint, config_kwargs={})  # as Airflow's is
    remote.begin()
    proxy.fail("partNumber=", method="PUT", status=status, code=code, times=2)
    content = cut(remote, part_of(1)) + cut(remote, part_of(2))
    remote.complete()
    assert proxy.failed == 2
    assert s3.read(key) == content


@pytest.mark.parametrize(
    ("status", "code"), [(400, "ExpiredToken"), (403, "RequestTimeTooSkewed"), (403, "InvalidAccessKeyId")]
)
def test_credentials_that_expire_and_a_clock_that_is_off_cost_an_attempt_and_no_part(
    s3, key, proxy, remote, attempt, status, code
):
    remote.begin()
    content = cut(remote, part_of(1))
    state = remote.save()
    proxy.fail("uploadId=", method="PUT", status=status, code=code)
    cut(remote, part_of(2))
    with pytest.raises(PermissionError, match=code):
        remote.save()
    heir = attempt(endpoint_url=proxy.endpoint)
    for method in ("PUT", "GET"):  # also for the one that comes next, at either request
        proxy.fail("uploadId=", method=method, status=status, code=code)
        with pytest.raises(PermissionError, match=code):
            heir.resume(state)
    proxy.fail("-", method="", status=0, code="")
    heir.resume(state)
    heir.complete()
    assert s3.read(key) == content
    assert s3.uploads(key) == []


def test_what_another_object_of_that_name_holds_is_not_in_the_manifest(s3, key, attempt):
    """The digest of a file that was resumed is read from the object, if that is still this one."""
    sink, heir = attempt(), attempt()
    sink.begin()
    cut(sink, part_of(1))
    state = sink.save()
    heir.resume(state)
    writer = Writer(heir)
    writer.resume(PART, None)
    read = heir.read

    def replaced():
        s3.client().put_object(Bucket=s3.bucket, Key=key, Body=part_of(2))
        return read()

    heir.read = replaced
    assert writer.complete() is None
    assert "another file got this name right after this one" in heir.overlap


def test_an_object_that_is_shorter_than_what_was_sent_fails(s3, key, attempt):
    sink = attempt()
    sink.begin()
    sink.write(b"whole")
    upload = sink._upload
    sink.complete()
    with pytest.raises(FileChangedError, match="has made an object of 5 bytes, and 6 were sent"):
        sink._verify(upload, 6, before=None)


def test_uploads_that_dead_attempts_left_are_aborted_and_no_others(s3, key, attempt, monkeypatch):
    dead, living, elsewhere, next_one = attempt(), attempt(), attempt(key=f"{key}.gz"), attempt()
    uploads = {}
    for sink in (dead, living, elsewhere):
        sink.begin()
        cut(sink, part_of(1))
        uploads[sink] = sink.save()["upload_id"]
    initiated = s3.client().list_multipart_uploads(Bucket=s3.bucket, Prefix=key)["Uploads"][0]["Initiated"]
    monkeypatch.setattr(s3_upload, "UPLOAD_DEAD_AFTER", datetime.timedelta(seconds=1))
    deadline = initiated + datetime.timedelta(seconds=2.1)
    while datetime.datetime.now(datetime.UTC) < deadline:  # S3 tells whole seconds, by its own clock
        time.sleep(0.05)
    cut(living, part_of(2))
    living.save()
    next_one.begin()
    next_one.write(b"whole")
    next_one.complete()
    assert s3.uploads(key) == [(key, uploads[living]), (f"{key}.gz", uploads[elsewhere])]
    for sink in (living, elsewhere):
        sink.discard()
    assert s3.uploads(key) == []


def test_a_forked_child_leaves_the_upload_to_its_parent(s3, key, attempt):
    """With two parts under way, whose thread is not there in the child."""
    sink = attempt()
    sink.begin()
    content = cut(sink, part_of(1)) + cut(sink, part_of(2))
    sink.write(b"rest")

    def child():
        for act in (sink.save, sink.complete):
            with pytest.raises(ForkedProcessError):
                act()
        sink.write(b"the child's")
        with pytest.raises(ForkedProcessError):
            sink.cut()
        sink.leave()
        sink.discard()

    in_child(child)
    assert len(s3.uploads(key)) == 1
    sink.complete()
    assert s3.read(key) == content + b"rest"
    assert s3.uploads(key) == []
