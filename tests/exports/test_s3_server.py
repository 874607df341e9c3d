"""What the tests of exports rely on: the object store shows nothing of an upload before it is complete."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from s3_server import S3Server

PART = 5 * 1024**2
"""The smallest part that S3 takes, except for the last one."""


def start_upload(client, key: str, *parts: bytes) -> tuple[str, list[dict]]:
    upload = client.create_multipart_upload(Bucket=S3Server.bucket, Key=key)["UploadId"]
    return upload, [send(client, key, upload, number, part) for number, part in enumerate(parts, start=1)]


def send(client, key: str, upload: str, number: int, body: bytes) -> dict:
    answer = client.upload_part(Bucket=S3Server.bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
    return {"PartNumber": number, "ETag": answer["ETag"]}


def complete(client, key: str, upload: str, parts: list[dict]) -> None:
    client.complete_multipart_upload(Bucket=S3Server.bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})


@contextmanager
def refused(client, code: str) -> Iterator[None]:
    with pytest.raises(client.exceptions.ClientError) as error:
        yield
    assert error.value.response["Error"]["Code"] == code


def test_an_object_is_written_read_listed_and_deleted(s3):
    client = s3.client()
    for key in ("plain/b", "plain/a", "plainer"):
        client.put_object(Bucket=s3.bucket, Key=key, Body=key.encode())

    assert s3.keys("plain/") == ["plain/a", "plain/b"]
    assert s3.read("plain/a") == b"plain/a"
    assert client.head_object(Bucket=s3.bucket, Key="plain/b")["ContentLength"] == 7

    client.delete_object(Bucket=s3.bucket, Key="plain/a")
    assert s3.keys("plain/") == ["plain/b"]
    with refused(client, "NoSuchKey"):
        s3.read("plain/a")


def test_a_listing_of_many_pages_has_every_key(s3):
    client = s3.client()
    keys = [f"many/{number:04}" for number in range(1100)]  # a page has 1000 at most
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda key: client.put_object(Bucket=s3.bucket, Key=key, Body=b""), keys))

    assert s3.keys("many/") == keys


def test_what_is_not_complete_is_not_visible(s3):
    client = s3.client()
    upload, parts = start_upload(client, "unseen/export", b"a" * PART, b"b")

    assert s3.keys("unseen/") == []
    with refused(client, "NoSuchKey"):
        s3.read("unseen/export")
    assert s3.uploads("unseen/") == [("unseen/export", upload)]
    assert s3.parts("unseen/export", upload) == [(1, PART), (2, 1)]

    complete(client, "unseen/export", upload, parts)
    assert s3.keys("unseen/") == ["unseen/export"]
    assert s3.read("unseen/export") == b"a" * PART + b"b"
    assert s3.uploads("unseen/") == []


def test_an_object_stays_as_it_was_until_the_upload_over_it_is_complete(s3):
    client = s3.client()
    client.put_object(Bucket=s3.bucket, Key="over/export", Body=b"old")
    upload, parts = start_upload(client, "over/export", b"new")
    assert s3.read("over/export") == b"old"

    complete(client, "over/export", upload, parts)
    assert s3.read("over/export") == b"new"


def test_an_abort_removes_the_parts(s3):
    client = s3.client()
    upload, parts = start_upload(client, "aborted/export", b"a" * PART)
    client.abort_multipart_upload(Bucket=s3.bucket, Key="aborted/export", UploadId=upload)

    assert s3.uploads("aborted/") == []
    assert s3.keys("aborted/") == []
    for act in (
        lambda: s3.parts("aborted/export", upload),
        lambda: send(client, "aborted/export", upload, 2, b"late"),
        lambda: complete(client, "aborted/export", upload, parts),
    ):
        with refused(client, "NoSuchUpload"):
            act()


def test_a_part_sent_anew_replaces_the_first(s3):
    client = s3.client()
    upload, parts = start_upload(client, "anew/export", b"a" * PART, b"first")
    parts[1] = send(client, "anew/export", upload, 2, b"second")
    complete(client, "anew/export", upload, parts)

    assert s3.read("anew/export") == b"a" * PART + b"second"


@pytest.mark.parametrize(
    ("sizes", "etag", "refusal"),
    [([PART], '"00000000000000000000000000000000"', "InvalidPart"), ([1000, 1000], None, "EntityTooSmall")],
    ids=["another etag", "small parts"],
)
def test_what_s3_refuses_to_complete_is_refused(s3, sizes, etag, refusal):
    client = s3.client()
    upload, parts = start_upload(client, f"refused/{refusal}", *(b"a" * size for size in sizes))
    if etag:
        parts[0]["ETag"] = etag
    with refused(client, refusal):
        complete(client, f"refused/{refusal}", upload, parts)
    assert s3.keys("refused/") == []


def test_two_clients_at_once_do_not_mix(s3):
    """Both upload to the same key: each upload has its own parts, and the last one to complete is what is read."""

    def start(body: bytes):
        client = s3.client()
        return client, body, *start_upload(client, "two/export", body, b"end")

    with ThreadPoolExecutor(2) as threads:
        running = list(threads.map(start, (b"a" * PART, b"b" * PART)))
    assert s3.uploads("two/") == sorted(("two/export", upload) for _, _, upload, _ in running)

    for client, body, upload, parts in running:
        complete(client, "two/export", upload, parts)
        assert s3.read("two/export") == body + b"end"
    assert s3.uploads("two/") == []


def test_a_wrong_secret_is_refused(s3):
    client = s3.client(secret_key="wrong")
    with refused(client, "SignatureDoesNotMatch"):
        client.list_objects_v2(Bucket=s3.bucket)
