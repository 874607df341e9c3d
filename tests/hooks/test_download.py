"""`hook.download`: what the server sent is in the file, all of it; or there is no file."""

import gzip
import hashlib
import json
import os
import sys
import threading
import time
import zlib
from functools import partial
from pathlib import Path
from random import Random

import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client.read_deadline import MIN_BYTES

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server, http

BODY = Random(1).randbytes(3_000_000)
CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


@pytest.fixture
def connect(hook_on):
    return partial(hook_on, max_attempts=3)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out" / "report.bin"


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def head(*headers, status="200 OK"):
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def whole(body=BODY, *headers, status="200 OK"):
    return lambda peer: peer.send(head(f"Content-Length: {len(body)}", *headers, status=status) + body)


def chunks(body, *headers, size=70_001, end=b"0\r\n\r\n"):
    parts = (body[start : start + size] for start in range(0, len(body), size))
    return head("Transfer-Encoding: chunked", *headers) + b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts) + end


def cut(answer, at):
    """Send so many bytes of an answer, and close."""

    def send(peer):
        peer.send(answer[:at])
        peer.done = True

    return send


def in_turn(*answers):
    left = iter(answers)

    def answer(peer):
        next(left)(peer)

    return answer


def always(answer):
    return lambda peer: peer.send(answer)


# What comes whole


def test_the_file_and_its_manifest(connect, file):
    headers = ("Content-Type: application/pdf", 'ETag: "a1"', "Last-Modified: Fri, 01 Jan 2021 00:00:00 GMT")
    with hostile_server(api=whole(BODY, *headers)) as server:
        manifest = connect(server).download("/report", file)

    assert file.read_bytes() == BODY
    assert manifest.pop("duration") > 0
    assert manifest == {
        "path": str(file),
        "bytes": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "status": 200,
        "content_type": "application/pdf",
        "etag": '"a1"',
        "last_modified": "Fri, 01 Jan 2021 00:00:00 GMT",
        "warning": None,
        "overlap": None,
    }
    assert json.dumps(manifest)
    assert everything_in(file.parent) == [file.name]


RAW_DEFLATE = zlib.compressobj(wbits=-15)
WAYS = {
    "counted": head(f"Content-Length: {len(BODY)}") + BODY,
    "chunked": chunks(BODY),
    "chunked, a byte each": chunks(BODY[:200], size=1),
    "gzip": http(gzip.compress(BODY), "Content-Encoding: gzip"),
    "gzip of two members": http(gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]), "Content-Encoding: gzip"),
    "gzip with a line break after it": http(gzip.compress(BODY) + b"\r\n", "Content-Encoding: gzip"),
    "gzip in chunks": chunks(gzip.compress(BODY), "Content-Encoding: gzip", size=999),
    "gzip that unpacks to much": http(gzip.compress(bytes(20_000_000)), "Content-Encoding: gzip"),
    "deflate": http(zlib.compress(BODY), "Content-Encoding: deflate"),
    "raw deflate": http(RAW_DEFLATE.compress(BODY) + RAW_DEFLATE.flush(), "Content-Encoding: deflate"),
    "both": http(gzip.compress(zlib.compress(BODY)), "Content-Encoding: deflate, gzip"),
    "charset": http("Zürich".encode("latin-1"), "Content-Type: text/csv; charset=latin-1"),
    "byte order mark": http("\ufeffa;b".encode()),
    "two bytes": http(b"\r\n"),
}
THEIR_BODY = {
    "chunked, a byte each": BODY[:200],
    "gzip that unpacks to much": bytes(20_000_000),
    "charset": "Zürich".encode("latin-1"),
    "byte order mark": "\ufeffa;b".encode(),
    "two bytes": b"\r\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_server_meant_and_nothing_else(connect, file, way):
    with hostile_server(api=always(WAYS[way])) as server:
        manifest = connect(server).download("/report", file)
        assert len(server.requests) == 2
        assert server.connections == 1  # it can be used again

    body = THEIR_BODY.get(way, BODY)
    assert file.read_bytes() == body
    assert (manifest["bytes"], manifest["warning"]) == (len(body), None)
    assert manifest["sha256"] == hashlib.sha256(body).hexdigest()


def test_an_end_that_is_not_marked_is_said(connect, file, caplog):
    """RFC 9112 section 6.3: a body may end with its connection, and nothing tells that from one that broke off."""
    answer = head("Content-Type: text/csv") + BODY
    with hostile_server(api=cut(answer, None)) as server:
        manifest = connect(server).download("/report", file)

    assert file.read_bytes() == BODY
    assert manifest["warning"] == "the answer does not say where it ends: that it was whole cannot be told"
    assert manifest["warning"] in caplog.text


@pytest.mark.parametrize("answer", [http(b""), chunks(b"")], ids=["counted", "chunked"])
def test_no_byte_is_a_file_where_the_server_says_so(connect, file, caplog, answer):
    with hostile_server(api=always(answer)) as server:
        assert connect(server).download("/report", file)["bytes"] == 0

    assert file.read_bytes() == b""
    assert "the answer has no bytes, and so has the file" in caplog.text


def test_no_byte_is_no_file_where_it_does_not(connect, file):
    with hostile_server(api=cut(head(), None)) as server, pytest.raises(errors.ResponseError, match="no bytes"):
        connect(server).download("/report", file)
    assert everything_in(file.parent) == []


def test_any_method_and_body(connect, file):
    with hostile_server(api=whole(status="201 Created")) as server:
        manifest = connect(server).download("/report", file, method="POST", params={"a": 1}, json={"x": 1})
        assert server.requests[-1] == "POST /report?a=1"

    assert manifest["status"] == 201
    assert file.read_bytes() == BODY


@pytest.mark.parametrize("kind", [str, Path, ObjectStoragePath, lambda path: f"file://{path}"])
def test_a_path_of_any_kind(connect, file, kind):
    with hostile_server(api=whole()) as server:
        connect(server).download("/report", kind(str(file)))
    assert file.read_bytes() == BODY


def test_a_relative_path(connect, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with hostile_server(api=whole()) as server:
        assert connect(server).download("/report", "out/a.bin")["path"] == str(tmp_path / "out/a.bin")
    assert everything_in(tmp_path) == ["out/a.bin"]


def test_no_header_chooses_the_path(connect, file):
    headers = ('Content-Disposition: attachment; filename="/etc/passwd"', "Content-Location: ../../x")
    with hostile_server(api=whole(BODY, *headers)) as server:
        connect(server).download("/report", file)
    assert everything_in(file.parent.parent) == ["out/report.bin"]


def test_an_older_file_is_replaced_at_once(connect, file):
    file.parent.mkdir()
    file.write_bytes(b"old")
    seen = []

    def answer(peer):
        peer.send(head(f"Content-Length: {len(BODY)}") + BODY[:-1])
        seen.append(file.read_bytes())
        peer.send(BODY[-1:])

    with hostile_server(api=answer) as server:
        connect(server).download("/report", file)
    assert seen == [b"old"]
    assert file.read_bytes() == BODY


def test_a_redirect_on_the_server_is_followed_and_its_body_is_not_the_file(connect, file):
    redirect = always(http(b"moved " * 20_000, "Location: /there", status="302 Found"))
    with hostile_server(api=in_turn(redirect, whole())) as server:
        connect(server).download("/report", file)
        assert server.requests[-1] == "GET /there"
    assert file.read_bytes() == BODY


# What breaks off


dice = Random(7)
COUNTED, IN_CHUNKS, PACKED = WAYS["counted"], WAYS["chunked"], WAYS["gzip"]
AFTER_HEAD = len(head(f"Content-Length: {len(BODY)}"))
PLACES = {
    **{f"counted at {at}": (COUNTED, at) for at in sorted(dice.sample(range(len(COUNTED)), 5))},
    "counted, no byte": (COUNTED, AFTER_HEAD),
    "counted, one byte too few": (COUNTED, -1),
    **{f"chunked at {at}": (IN_CHUNKS, at) for at in sorted(dice.sample(range(len(IN_CHUNKS)), 5))},
    "chunked, without the end": (IN_CHUNKS, -len(b"0\r\n\r\n")),
    "chunked, in the last line break": (IN_CHUNKS, -len(b"\n0\r\n\r\n")),
    **{f"gzip at {at}": (PACKED, at) for at in sorted(dice.sample(range(len(PACKED)), 3))},
}


def compressed(body, coding, *, cut_at):
    """A whole transfer of a body whose compression stops before its end: the server broke down while it packed."""
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[coding](body)
    return http(packed[:cut_at], f"Content-Encoding: {coding}")


HALF = {
    "gzip": compressed(BODY, "gzip", cut_at=1_000_000),
    "gzip without its check sum": compressed(BODY, "gzip", cut_at=-8),
    "gzip, its head only": compressed(BODY, "gzip", cut_at=9),
    "gzip in chunks": chunks(gzip.compress(BODY)[:1_000_000], "Content-Encoding: gzip"),
    "gzip, in the second member": http(
        gzip.compress(BODY[:99]) + gzip.compress(BODY)[:99_999], "Content-Encoding: gzip"
    ),
    "deflate": compressed(BODY, "deflate", cut_at=1_000_000),
    "both": http(gzip.compress(zlib.compress(BODY)[:999_999]), "Content-Encoding: deflate, gzip"),
}
BROKEN = {**{name: cut(*place) for name, place in PLACES.items()}, **{name: always(it) for name, it in HALF.items()}}


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "BR"])
def test_a_compression_that_nothing_here_undoes_is_no_file(connect, file, coding, monkeypatch):
    from airflow_provider_orgauth.client import content_coding

    monkeypatch.setattr(content_coding, "UNDONE", frozenset({"gzip", "x-gzip", "deflate"}))
    body = gzip.compress(BODY) if "gzip" in coding else BODY
    with (
        hostile_server(api=whole(body, f"Content-Encoding: {coding}")) as server,
        pytest.raises(errors.ResponseError, match=r"Content-Encoding: (br|zstd|compress), which cannot be undone here"),
    ):
        connect(server).download("/report", file)
    assert server.requests.count("GET /report") == 1
    assert everything_in(file.parent) == []


@pytest.mark.parametrize("coding", ["identity", "utf-8", "aws-chunked", "none"])
def test_what_is_called_a_coding_and_is_none_marks_no_end(connect, file, coding):
    with hostile_server(api=whole(BODY, f"Content-Encoding: {coding}")) as server:
        assert connect(server).download("/report", file)["warning"] is None
    answer = head("Connection: close", f"Content-Encoding: {coding}") + BODY
    with hostile_server(api=cut(answer, len(answer))) as server:
        manifest = connect(server).download("/report", file)
    assert manifest["warning"] == "the answer does not say where it ends: that it was whole cannot be told"
    assert file.read_bytes() == BODY


@pytest.mark.parametrize("way", BROKEN)
def test_what_breaks_off_is_asked_for_again_and_never_a_file(connect, file, way):
    with hostile_server(api=in_turn(BROKEN[way], BROKEN[way], whole())) as server:
        connect(server).download("/report", file)
        assert server.requests.count("GET /report") == 3
    assert file.read_bytes() == BODY
    assert everything_in(file.parent) == [file.name]


@pytest.mark.parametrize("way", BROKEN)
def test_what_breaks_off_for_good_leaves_the_older_file(connect, file, way):
    file.parent.mkdir()
    file.write_bytes(b"old")
    with hostile_server(api=BROKEN[way]) as server, pytest.raises(errors.ApiConnectionError) as caught:
        connect(server, max_attempts=2).download("/report", file)
    assert "s3cr3t" not in str(caught.value)
    assert file.read_bytes() == b"old"
    assert everything_in(file.parent) == [file.name]


@pytest.mark.parametrize("way", HALF)
def test_half_a_compression_is_no_answer_to_a_call_either(connect, way):
    with hostile_server(api=always(HALF[way])) as server, pytest.raises(errors.ApiConnectionError, match="broke off"):
        connect(server, max_attempts=1).run("/x")


def test_a_post_that_breaks_off_is_not_sent_again(connect, file):
    with hostile_server(api=cut(COUNTED, 9_999)) as server, pytest.raises(errors.ApiConnectionError, match="broke off"):
        connect(server).download("/report", file, method="POST")
    assert server.requests.count("POST /report") == 1
    assert everything_in(file.parent) == []


def test_a_reset_in_the_middle(connect, file):
    import socket
    import struct

    def reset(peer):
        peer.send(COUNTED[:2_000_000])
        peer._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.done = True

    with hostile_server(api=in_turn(reset, whole())) as server:
        connect(server).download("/report", file)
    assert file.read_bytes() == BODY


TRICKLES = {
    "byte by byte": lambda peer: peer.send(head("Content-Length: 9999")) and peer.drip(b"x" * 9999, pause=0.05),
    "nothing": lambda peer: peer.send(head("Content-Length: 9999") + b"x" * 99) and peer.stop.wait(),
    "compressed nothing": lambda peer: (
        peer.send(head("Content-Encoding: deflate")) and peer.drip(b"\x00\x00\x00\xff\xff" * 999, pause=0.05)
    ),
    "trailers": lambda peer: peer.send(chunks(BODY[:9], end=b"0\r\n")) and peer.drip(b"X: y\r\n" * 999, pause=0.05),
}


@pytest.mark.parametrize("way", TRICKLES)
def test_a_trickle_holds_no_task(connect, file, way):
    began = time.monotonic()
    with (
        hostile_server(api=TRICKLES[way]) as server,
        pytest.raises(errors.ApiConnectionError, match=r"trickles|no answer"),
    ):
        connect(server, timeout=0.3, max_attempts=1).download("/report", file)
    assert time.monotonic() - began < 10
    assert everything_in(file.parent) == []


def test_compressed_nothing_at_full_speed_ends(connect, file, monkeypatch):
    from airflow_provider_orgauth.client import response_body

    monkeypatch.setattr(response_body, "MAX_BODY_BYTES", 100_000)

    def endless(peer):
        peer.send(head("Content-Encoding: deflate"))
        while peer.send(b"\x00\x00\x00\xff\xff" * 1000):
            pass

    with hostile_server(api=endless) as server, pytest.raises(errors.ApiConnectionError, match="not valid HTTP"):
        connect(server, max_attempts=1).download("/report", file)
    assert everything_in(file.parent) == []


def test_what_is_larger_than_memory_may_hold_is_a_file(connect, file, monkeypatch):
    from airflow_provider_orgauth.client import response_body

    monkeypatch.setattr(response_body, "MAX_BODY_BYTES", 1_200_000)  # less than half of it, and more than one piece
    with hostile_server(api=whole()) as server:
        connect(server).download("/report", file)
    assert file.read_bytes() == BODY


def test_a_slow_store_is_not_a_slow_server(connect, file, monkeypatch):
    """The time in which nobody reads is not the server's."""
    from airflow_provider_orgauth.exports import writer

    pause = threading.Event()

    class Slow(writer.Writer):
        def write(self, data, **about):
            pause.wait(1.5)
            super().write(data, **about)

    monkeypatch.setattr("airflow_provider_orgauth.exports.download.Writer", Slow)

    def answer(peer):
        peer.send(head(f"Content-Length: {MIN_BYTES}"))
        for _ in range(8):
            peer.send(b"x" * (MIN_BYTES // 8))
            peer.stop.wait(0.06)

    with hostile_server(api=answer) as server:
        connect(server, timeout=1, max_attempts=1).download("/report", file)
    assert file.read_bytes() == b"x" * MIN_BYTES


# What is not the file


@pytest.mark.parametrize("status", ["400 Bad", "404 Gone", "500 Oops", "503 Busy"])
def test_an_errors_text_is_no_file(connect, file, status):
    error = http(b'{"error": {"message": "No such report."}}', status=status)
    with hostile_server(api=always(error)) as server, pytest.raises(errors.ApiError, match="No such report"):
        connect(server).download("/report", file)
    assert everything_in(file.parent) == []


def test_a_busy_server_is_asked_again(connect, file, clockwork):
    busy = always(http(b"later", "Retry-After: 7", status="503 Busy"))
    with hostile_server(api=in_turn(busy, whole())) as server:
        connect(server).download("/report", file)
    assert 7 <= clockwork.slept[0] <= 8
    assert file.read_bytes() == BODY


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("202 Accepted", "only begun: the task's retries ask again"),
        ("204 No Content", "nothing to write"),
        ("205 Reset Content", "nothing to write"),
        ("206 Partial Content", "a part of what was asked for"),
        ("207 Multi-Status", "Check what answers"),
        ("304 Not Modified", "If-None-Match"),
    ],
)
def test_a_good_status_without_a_file(connect, file, status, said):
    body = b"" if status[:3] in ("204", "205", "304") else b'{"state": "PENDING"}'
    with hostile_server(api=whole(body, status=status)) as server, pytest.raises(errors.ResponseError, match=said):
        connect(server).download("/report", file)
    assert everything_in(file.parent) == []


def test_a_part_is_a_file_to_who_asks_for_one(connect, file):
    with hostile_server(api=whole(BODY[:9], status="206 Partial Content")) as server:
        connect(server).download("/report", file, headers={"Range": "bytes=0-8"})
    assert file.read_bytes() == BODY[:9]


def test_head_is_refused_before_it_is_sent(connect, file):
    with hostile_server() as server, pytest.raises(errors.ConfigurationError, match=r"^method: is HEAD"):
        connect(server).download("/report", file, method="HEAD")
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("report.xlsx", b"<!DOCTYPE html><html>Log in</html>", r"ends in \.xlsx, .* \(it looks like HTML\)"),
        ("report.pdf", b'{"error": "no"}', r"ends in \.pdf, .* \(it looks like JSON\)"),
        ("report.csv.gz", b"a,b\n1,2\n", r"ends in \.gz, and the answer is nothing of that kind\. .*Content-Encoding"),
        ("report.zip", b"", r"ends in \.zip, .* \(it is empty\)"),
        ("REPORT.ZIP", b"x", r"ends in \.zip"),
        ("devices.jsonl", b"\n<html>Log in</html>", r"ends in \.jsonl, .* \(it looks like HTML\)"),
        ("devices.ndjson", b"<?xml version='1.0'?><Error/>", r"ends in \.ndjson, "),
        ("devices.json", b"\xef\xbb\xbf<!DOCTYPE html>", r"ends in \.json, .* \(it looks like HTML\)"),
    ],
)
def test_a_name_that_promises_another_kind(connect, tmp_path, name, body, said):
    with hostile_server(api=whole(body)) as server, pytest.raises(errors.ResponseError, match=said):
        connect(server).download("/report", tmp_path / name)
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("report.csv.gz", gzip.compress(b"a,b\n")),
        ("report.zip", b"PK\x03\x04..."),
        ("report.pdf", b"\r\n%PDF-1.7 ..."),
        ("report.csv", b"<html>"),  # a text may begin with anything
        ("report", b"\0"),
        ("report.v2", b"\0"),
    ],
)
def test_a_name_that_promises_nothing_else(connect, tmp_path, name, body):
    with hostile_server(api=whole(body)) as server:
        connect(server).download("/report", tmp_path / name)
    assert (tmp_path / name).read_bytes() == body


def test_a_json_document_is_no_json_lines(connect, tmp_path):
    answer = http(b'[{"id": 1}]')
    with hostile_server(api=always(answer)) as server:
        with pytest.raises(errors.ConfigurationError, match=r'^path: ends in \.jsonl.*pagination="single"'):
            connect(server).download("/report", tmp_path / "a.jsonl")
        assert everything_in(tmp_path) == []
        connect(server).download("/report", tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == b'[{"id": 1}]'


# Where it cannot go


@pytest.mark.parametrize(
    "path", ["", "None", "~/a", "nosuch://b/a", "/tmp", "/tmp/a\n", 5, None, "file://tmp/a", "s3:/b/a"]
)
def test_a_path_that_leads_nowhere_is_refused_before_anything_is_sent(connect, path):
    with hostile_server() as server, pytest.raises(errors.ConfigurationError, match=r"^path: "):
        connect(server).download("/report", path)
    assert server.requests == []


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(connect, tmp_path):
    tmp_path.chmod(0o500)
    with hostile_server() as server, pytest.raises(PermissionError):
        connect(server).download("/report", tmp_path / "a")
    assert server.requests == []


def test_a_store_that_fails_is_not_the_servers_fault(connect, file, monkeypatch):
    """Also where it raises what an HTTP client raises: the stores of fsspec have some."""
    import requests

    from airflow_provider_orgauth.exports.local_sink import LocalSink

    for failure in (OSError(28, "No space left on device"), requests.ConnectionError("store"), ValueError("store")):

        def write(self, data, failure=failure):
            raise failure

        monkeypatch.setattr(LocalSink, "write", write)
        with hostile_server(api=whole()) as server, pytest.raises(type(failure)) as caught:
            connect(server).download("/report", file)
        assert caught.value is failure
        assert server.requests.count("GET /report") == 1
        assert everything_in(file.parent) == []


def test_outside_of_a_task_two_downloads_do_not_meet(connect, tmp_path):
    """Each has a hidden file of its own, and each file is whole."""
    both = threading.Barrier(2, timeout=10)

    def answer(peer):
        both.wait()
        peer.send(COUNTED)

    with hostile_server(api=answer) as server:
        hook = connect(server)
        hook.get_access_token()
        threads = [threading.Thread(target=hook.download, args=("/report", tmp_path / "a")) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert (tmp_path / "a").read_bytes() == BODY
    assert everything_in(tmp_path) == ["a"]


def test_the_token_dies_between_two_attempts(connect, file):
    refused = always(http(b"{}", status="401 Unauthorized"))
    with hostile_server(api=in_turn(cut(COUNTED, 1_000_000), refused, whole())) as server:
        connect(server).download("/report", file)
        assert server.requests.count("POST /oauth2/token?grant_type=client_credentials") <= 2
        assert server.requests.count("GET /report") == 3
    assert file.read_bytes() == BODY
