"""What the tests of exports rely on: the object store shows nothing of an upload before it is complete."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from airflow.sdk import ObjectStoragePath
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


def send_half(url: str) -> None:
    """Promise a part, send half of it, and leave, as a process does that is killed; wait until the server knows."""
    address = urlsplit(url)
    with closing(http.client.HTTPConnection(address.netloc, timeout=60)) as connection:
        connection.putrequest("PUT", f"{address.path}?{address.query}")
        connection.putheader("Content-Length", str(PART))
        connection.endheaders(b"a" * (PART // 2))
        connection.sock.shutdown(socket.SHUT_WR)
        answer = connection.sock.recv(1000)
    assert b" 499 " in answer  # "client closed request": what was wrong is the half, not the signature


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


def test_half_an_object_is_none(s3):
    client = s3.client()
    client.put_object(Bucket=s3.bucket, Key="half/old", Body=b"old")
    for key in ("half/old", "half/new"):
        send_half(client.generate_presigned_url("put_object", Params={"Bucket": s3.bucket, "Key": key}))

    assert s3.keys("half/") == ["half/old"]
    assert s3.read("half/old") == b"old"


def test_half_a_part_is_none(s3):
    client = s3.client()
    upload, parts = start_upload(client, "half-part/export", b"a" * PART)
    where = {"Bucket": s3.bucket, "Key": "half-part/export", "UploadId": upload}
    for number in (1, 2):
        send_half(client.generate_presigned_url("upload_part", Params={**where, "PartNumber": number}))
    assert s3.parts("half-part/export", upload) == [(1, PART)]

    complete(client, "half-part/export", upload, parts)
    assert s3.read("half-part/export") == b"a" * PART


def test_an_upload_of_one_empty_part_is_an_empty_object(s3):
    client = s3.client()
    upload, parts = start_upload(client, "empty/export", b"")
    complete(client, "empty/export", upload, parts)

    assert s3.keys("empty/") == ["empty/export"]
    assert s3.read("empty/export") == b""


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


def test_airflows_paths_reach_it_by_a_connection(s3, monkeypatch):
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    path = ObjectStoragePath(s3.url("airflow/export"))
    assert not path.exists()

    upload = path.fs.call_s3("create_multipart_upload", Bucket=path.bucket, Key=path.key)["UploadId"]
    assert s3.uploads("airflow/") == [("airflow/export", upload)]
    path.fs.abort_mpu(path.bucket, path.key, upload)
    assert s3.uploads("airflow/") == []

    path.write_bytes(b"ours")
    assert path.read_bytes() == s3.read("airflow/export") == b"ours"
    assert path.stat().st_size == 4
