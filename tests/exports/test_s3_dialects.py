"""Stores that speak S3's language and lack a word of it, roles that may not all: a whole file is no error."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from s3_parts import cut, part_of

from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.s3_sink import S3Sink
from airflow_provider_orgauth.exports.writer import Writer

LIST_PARTS, SIGN = "max-parts=", "partNumber=9999"
NO_SUCH_PART = b"<Part><PartNumber>1</PartNumber><ETag>&quot;0&quot;</ETag><Size>1</Size></Part></ListPartsResult>"


@pytest.fixture
def key() -> str:
    return f"dialects/{uuid4().hex}/devices.jsonl"


def exported(sink: S3Sink, clock: list[float]) -> bytes:
    """Export as an attempt that looks for others' signs on its way."""
    sink.begin()
    content = cut(sink, part_of(1))
    clock[0] += 3.0
    content += cut(sink, part_of(2))
    sink.save()
    sink.write(b"rest")
    sink.complete()
    return content + b"rest"


@pytest.mark.parametrize(
    ("status", "code"), [(501, "NotImplemented"), (405, "MethodNotAllowed"), (403, "AccessDenied")]
)
def test_a_store_that_lists_no_parts_has_the_file(s3, key, clock, proxy, remote, status, code):
    proxy.fail(LIST_PARTS, method="GET", status=status, code=code)
    assert exported(remote, clock) == s3.read(key)
    assert proxy.failed
    assert remote.overlap is None


def test_a_store_that_does_not_look_at_the_marker_shows_no_sign(s3, key, clock, proxy, remote):
    proxy.rewrite(LIST_PARTS, lambda answer: answer.replace(b"</ListPartsResult>", NO_SUCH_PART), method="GET")
    assert exported(remote, clock) == s3.read(key)


def test_a_store_that_compresses_may_say_other_sizes(s3, key, clock, proxy, attempt, remote):
    """As MinIO did until December 2024."""
    proxy.rewrite(LIST_PARTS, lambda answer: re.sub(rb"<Size>\d+<", b"<Size>7<", answer), method="GET")
    assert exported(remote, clock) == s3.read(key)

    first, second = (attempt(endpoint_url=proxy.endpoint) for _ in range(2))
    first.begin()
    content = cut(first, part_of(3))
    second.resume(first.save())
    second.write(b"rest")
    second.complete()
    assert s3.read(key) == content + b"rest"


@pytest.mark.parametrize(("what", "method"), [(LIST_PARTS, "GET"), (SIGN, "PUT")])
def test_where_an_upload_cannot_be_signed_the_next_attempt_begins_anew(s3, key, proxy, attempt, remote, what, method):
    """Such as where an upload has a thousand parts at most."""
    first = attempt()
    first.begin()
    cut(first, part_of(1))
    state = first.save()
    proxy.fail(what, method=method, status=400, code="InvalidArgument")
    with pytest.raises(CannotResumeError, match="takes none of so high a number"):
        remote.resume(state)
    assert s3.uploads(key) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AccessDenied"), (405, "MethodNotAllowed"), (501, "NotImplemented"), (400, "InvalidRequest")],
)
def test_an_object_that_may_not_be_looked_at_is_whole(s3, key, clock, proxy, remote, status, code):
    proxy.fail(key, method="HEAD", status=status, code=code)
    assert exported(remote, clock) == s3.read(key)
    assert proxy.failed
    assert remote.overlap is None


def test_a_resumed_file_that_may_not_be_read_is_whole_and_has_no_digest(s3, key, proxy, attempt, remote):
    first = attempt()
    first.begin()
    content = cut(first, part_of(1))
    state = first.save()

    remote.resume(state)
    writer = Writer(remote)
    writer.resume(len(content), None)
    writer.write(b"rest")
    proxy.refuse(key, method="HEAD")
    assert writer.complete() is None
    assert s3.read(key) == content + b"rest"
