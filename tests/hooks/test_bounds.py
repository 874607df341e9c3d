"""No server holds a task for ever or fills its memory, whatever it sends and however slowly."""

import gzip
import random
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
import requests

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client import response_body
from airflow_provider_orgauth.client.read_deadline import MIN_BYTES
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import TOKEN_ANSWER, hostile_server, http
from tls import Authority

TIMEOUT = 0.3
LONG = 10
"""Seconds: a busy machine's share; each server here would go on until it is stopped."""
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def connect(hook_on):
    return partial(hook_on, timeout=LONG)


def fails_in_time(hook, error, match, endpoint="/x", **arguments):
    started = time.monotonic()
    with pytest.raises(error, match=match) as caught:
        hook.run(endpoint, **arguments)
    assert time.monotonic() - started < LONG
    return caught.value


def endless(*parts, pause=0.0):
    """Send the first part, then the others over and over."""

    def answer(peer):
        peer.send(parts[0])
        while all(peer.send(part) for part in parts[1:]) and not peer.stop.wait(pause):
            pass

    return answer


def in_turn(*answers):
    """Send one answer after the other."""
    left = iter(answers)

    def answer(peer):
        next(left)(peer)

    return answer


HEADS = {
    "a status line byte by byte": lambda peer: peer.drip(b"HTTP/1.1 200 " + b"O" * 1000, pause=0.05),
    "a header byte by byte": lambda peer: peer.drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000, pause=0.05),
    "header by header": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.05),
    "100 Continue for ever": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 Continue now and then": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05),
    "103 Early Hints for ever": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "nothing at all": lambda peer: peer.stop.wait(),
}
HELD = rf"no answer within {TIMEOUT} s"


@pytest.mark.parametrize("answer", HEADS.values(), ids=HEADS)
def test_a_head_has_to_come_within_the_timeout(connect, answer):
    with hostile_server(api=answer) as server:
        fails_in_time(connect(server, timeout=TIMEOUT), errors.ApiConnectionError, HELD)


@pytest.mark.parametrize("answer", HEADS.values(), ids=HEADS)
def test_so_does_a_token_answers(connect, answer):
    with hostile_server(token=answer) as server:
        fails_in_time(connect(server, timeout=TIMEOUT), errors.TokenUnavailableError, HELD)


def test_it_holds_through_tls(connect, tmp_path):
    authority = Authority(tmp_path)
    with hostile_server(api=HEADS["a header byte by byte"], context=authority.server_context("127.0.0.1")) as server:
        hook = connect(server, timeout=TIMEOUT, schema="https", verify=str(authority.bundle))
        fails_in_time(hook, errors.ApiConnectionError, HELD)


def test_it_holds_for_a_proxys_answer_to_connect(connect, monkeypatch):
    def proxy(peer):
        peer.send(b"HTTP/1.1 200 Connection established\r\n")
        while peer.send(b"X: y\r\n"):
            peer.stop.wait(0.05)

    with hostile_server(api=proxy) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        hook = connect(server, timeout=TIMEOUT, schema="https")
        fails_in_time(hook, errors.TokenUnavailableError, "the proxy refused or failed|no connection|no answer")


def test_the_connection_is_used_again_with_its_own_timeout(connect):
    """Also where the deadline of one answer had left little time on the socket."""

    def late(peer):
        for part in (http(b"{}")[:20], http(b"{}")[20:]):
            peer.stop.wait(TIMEOUT * 0.7)
            peer.send(part)

    parts = in_turn(late, lambda peer: (peer.stop.wait(0.6), peer.send(http(b"[]"))))
    with hostile_server(api=parts) as server:
        hook = connect(server, timeout=TIMEOUT * 3)
        assert hook.run("/x").json() == {}
        assert hook.run("/x").json() == []
        assert server.connections == 1  # the token's as well


def test_early_hints_are_no_answer(connect):
    with hostile_server(api=lambda peer: peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" + http(b"[1]"))) as server:
        assert connect(server).run("/x").json() == [1]


BODIES = {
    "byte by byte": endless(CHUNKED, b"1\r\nx\r\n", pause=0.05),
    "a chunk size byte by byte": endless(CHUNKED + b"1;", b"x", pause=0.05),
    "trailers": endless(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n", pause=0.05),
    "compressed nothing": endless(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", b"\x00\x00\x00\xff\xff", pause=0.05
    ),
}


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
def test_a_body_has_to_keep_coming(connect, answer):
    with hostile_server(api=answer) as server:
        fails_in_time(
            connect(server, timeout=TIMEOUT),
            errors.ApiConnectionError,
            rf"trickles, fewer than 1,024 bytes within {TIMEOUT}",
        )


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
def test_a_token_answer_has_to_come_within_the_timeout(connect, answer):
    with hostile_server(token=answer) as server:
        fails_in_time(connect(server, timeout=TIMEOUT), errors.TokenUnavailableError, HELD)


def test_a_body_that_keeps_coming_may_take_any_time(connect):
    pieces, timeout = 4, 0.9

    def slow(peer):
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (pieces * MIN_BYTES))
        for _ in range(pieces):
            peer.stop.wait(timeout / 3)
            peer.send(b"x" * MIN_BYTES)

    with hostile_server(api=slow) as server:
        started = time.monotonic()
        assert len(connect(server, timeout=timeout).run("/x").content) == pieces * MIN_BYTES
        assert time.monotonic() - started > timeout


def test_a_get_whose_answer_trickled_is_sent_again_and_a_post_is_not(connect, clockwork):
    answers = in_turn(BODIES["byte by byte"], lambda peer: peer.send(http(b"[1]")), BODIES["byte by byte"])
    with hostile_server(api=answers) as server:
        hook = connect(server, timeout=TIMEOUT, max_attempts=2)
        assert hook.run("/x").json() == [1]
        fails_in_time(hook, errors.ApiConnectionError, "trickles", method="POST")
    assert len(clockwork.slept) == 1


@pytest.fixture
def _little_memory(monkeypatch):
    monkeypatch.setattr(response_body, "MAX_BODY_BYTES", 100_000)


LARGE = {
    "endless": endless(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n"),
    "without a length": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1024),
    "one byte too long": lambda peer: peer.send(http(b"x" * 100_001)),
    "a bomb": lambda peer: peer.send(http(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip")),
    "trailers at full speed": endless(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n"),
    "compressed nothing at full speed": endless(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", b"\x00\x00\x00\xff\xff" * 100
    ),
}


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize("answer", LARGE.values(), ids=LARGE)
def test_what_is_too_large_for_memory_is_refused_once_and_for_all(connect, clockwork, answer):
    with hostile_server(api=answer) as server:
        hook = connect(server, max_attempts=5)
        error = fails_in_time(hook, errors.ResponseTooLargeError, "stream=True", endpoint="/x?client_secret=q")
        assert server.requests.count("GET /x?client_secret=q") == 1
    assert "client_secret" not in str(error)
    assert error.__context__ is None
    assert clockwork.slept == []


@pytest.mark.usefixtures("_little_memory")
def test_as_much_as_memory_takes_is_taken(connect):
    packed = gzip.compress(b"x" * 100_000)
    with hostile_server(api=lambda peer: peer.send(http(packed, "Content-Encoding: gzip"))) as server:
        assert len(connect(server).run("/x").content) == 100_000
        connect(server).run("/x")


def test_what_unpacks_to_a_thousand_times_as_much_comes_in_large_pieces(connect):
    """urllib3 before 2.6 holds all that a read unpacked, and copies what is left of it for each piece it hands out."""
    packed = gzip.compress(bytes(8 * 1024**2))
    with hostile_server(api=lambda peer: peer.send(http(packed, "Content-Encoding: gzip"))) as server:
        response = connect(server).get_conn().get("/x", stream=True)
        sizes = [len(piece) for piece in response_body.body_pieces(response, timeout=10)]
    assert sum(sizes) == 8 * 1024**2
    assert len(sizes) <= 10


def test_of_what_is_packed_little_is_unpacked_at_once(connect):
    packed = gzip.compress(random.Random(1).randbytes(1024**2))
    with hostile_server(api=lambda peer: peer.send(http(packed, "Content-Encoding: gzip"))) as server:
        response = connect(server).get_conn().get("/x", stream=True)
        sizes = [len(piece) for piece in response_body.body_pieces(response, timeout=10)]
    assert sum(sizes) == 1024**2
    assert max(sizes) < 40 * 1024


@pytest.mark.usefixtures("_little_memory")
def test_a_stream_is_the_users_own(connect):
    with hostile_server(api=lambda peer: peer.send(http(b"x" * 300_000))) as server:
        with connect(server).get_conn().get("/x", stream=True) as response:
            assert sum(map(len, response.iter_content(1000))) == 300_000
        assert len(connect(server).get_conn().get("/x", stream=True).content) == 300_000


@pytest.mark.parametrize("stream", [False, True])
def test_the_body_of_a_redirect_is_not_read_to_its_end(connect, stream):
    where = b"HTTP/1.1 307 x\r\nLocation: /y\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = in_turn(endless(where, b"400\r\n" + b"x" * 1024 + b"\r\n"), lambda peer: peer.send(http(b"[1]")))
    with hostile_server(api=answers) as server:
        assert connect(server).get_conn().get("/x", stream=stream).json() == [1]


def test_nor_that_of_the_token_endpoint(connect):
    where = b"HTTP/1.1 307 x\r\nLocation: /y\r\nTransfer-Encoding: chunked\r\n\r\n"
    with hostile_server(token=endless(where, b"400\r\n" + b"x" * 1024 + b"\r\n")) as server:
        fails_in_time(connect(server), errors.TokenResponseError, "longer than 64 KiB")


def test_a_401_that_trickles_does_not_hold_the_replay(connect):
    head = b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = in_turn(endless(head, b"1\r\nx\r\n", pause=0.05), lambda peer: peer.send(http(b"[1]")))
    with hostile_server(api=answers) as server:
        assert connect(server, timeout=TIMEOUT).run("/x").json() == [1]


def test_nor_in_a_session_of_ones_own(connect):
    head = b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = in_turn(endless(head, b"1\r\nx\r\n", pause=0.05), lambda peer: peer.send(http(b"[1]")))
    with hostile_server(api=answers) as server:
        url = f"http://127.0.0.1:{server.port}/x"
        assert requests.get(url, auth=connect(server, timeout=TIMEOUT).auth, timeout=TIMEOUT).json() == [1]


def test_a_response_hook_may_read_the_body(connect):
    seen = []
    with hostile_server(api=lambda peer: peer.send(http(b"[1]"))) as server:
        session = connect(server).get_conn()
        response = session.get("/x", hooks={"response": lambda response, **_: seen.append(response.content)})
    assert (seen, response.json()) == ([b"[1]"], [1])


def head(*lines, body=b"", status=b"HTTP/1.1 200 OK"):
    return b"\r\n".join([status, *lines, b"", b""]) + body


GOOD = (b"Content-Type: application/json", b"Content-Length: %d" % len(TOKEN_ANSWER))
NO_HTTP = "not valid HTTP|broke off|content encoding is broken|closed the connection"
BROKEN = {
    "a long status line": b"HTTP/1.1 200 " + b"x" * 70_000,
    "another protocol": b"SSH-2.0-OpenSSH_9.9\r\n",
    "no status": head(status=b"HTTP/1.1 abc x"),
    "a status of other digits": head(status="HTTP/1.1 ²00 x".encode("latin-1")),
    "a status of thousands of digits": head(status=b"HTTP/1.1 " + b"9" * 5000 + b" x"),
    "an unknown version": head(status=b"HTTP/9.9 200 OK"),
    "a long header": head(b"X: " + b"y" * 70_000),
    "a hundred headers": head(*[b"X: y"] * 150),
    "two lengths": head(b"Content-Length: 5", b"Content-Length: 6", body=b"123456"),
    "a length beyond all": head(b"Content-Length: 99999999999999999999999", body=b"{}"),
    "a bad chunk size": head(b"Transfer-Encoding: chunked", body=b"zz\r\n{}"),
    "a negative chunk size": head(b"Transfer-Encoding: chunked", body=b"-5\r\n{}"),
    "a chunk size of thousands of digits": head(b"Transfer-Encoding: chunked", body=b"f" * 5000 + b"\r\n{}"),
    "a long chunk line": head(b"Transfer-Encoding: chunked", body=b"1;" + b"x" * 70_000),
    "a chunk that ends early": head(b"Transfer-Encoding: chunked", body=b"5\r\n{}"),
    "a wrong encoding": head(*GOOD, b"Content-Encoding: gzip", body=TOKEN_ANSWER),
    "nothing": b"",
}
ODD = {
    "a negative length": head(b"Content-Length: -1", body=TOKEN_ANSWER),
    "a length that is no number": head(b"Content-Length: abc", body=TOKEN_ANSWER),
    "a length of thousands of digits": head(b"Content-Length: " + b"9" * 5000, body=TOKEN_ANSWER),
    "a header without a colon": head(b"nonsense", *GOOD, body=TOKEN_ANSWER),
    "a header that begins with a space": head(b" X: y", *GOOD, body=TOKEN_ANSWER),
    "bytes in a header's value": head(b"X: \x00\xff\xfe\r", *GOOD, body=TOKEN_ANSWER),
    "bytes in a header's name": head(b"\xff\xe9: y", *GOOD, body=TOKEN_ANSWER),
    "a wild cookie": head(b"Set-Cookie: \xff=\0; Max-Age=" + b"9" * 5000, *GOOD, body=TOKEN_ANSWER),
}
CHARSETS = ["utf-99", "idna", "base64", "rot13", "unicode_escape", "undefined", "punycode", "\0", "x" * 5000, "", "ü"]
ODD |= {
    f"charset {name[:20]!r}": head(
        b"Content-Type: application/json; charset=" + name.encode("latin-1"), GOOD[1], body=TOKEN_ANSWER
    )
    for name in CHARSETS
}


def closing(answer):
    def send(peer):
        peer.send(answer)
        peer.done = True

    return send


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_what_is_no_http_is_an_error_of_ours(connect, answer):
    with hostile_server(api=closing(answer)) as server:
        error = fails_in_time(connect(server), errors.ApiConnectionError, NO_HTTP, endpoint="/x?client_secret=q")
        assert "client_secret" not in str(error)
        connect(server)
        with pytest.raises(errors.ApiConnectionError, match=NO_HTTP):
            OrgApiOperator(task_id="t", endpoint="/x").execute({})
    with hostile_server(token=closing(answer)) as server:
        fails_in_time(connect(server), errors.TokenUnavailableError, NO_HTTP)


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
def test_what_can_be_read_is_read(connect, answer):
    with hostile_server(api=closing(answer)) as server:
        response = connect(server).run("/x")
        assert isinstance(response.text, str)
        assert isinstance(OrgApiOperator(task_id="t", endpoint="/x", log_response=True).execute({}), dict | str | None)
    with hostile_server(token=closing(answer)) as server:
        try:
            assert connect(server).get_access_token()
        except errors.TokenResponseError:
            assert b"nonsense" in answer or b"\xe9:" in answer  # the headers end there, and the length is unknown


@pytest.mark.parametrize("location", [b"http://[::1", b"//["])
def test_a_redirect_to_what_is_no_url_is_an_error_of_ours(connect, location):
    moved = head(b"Location: " + location, b"Content-Length: 0", status=b"HTTP/1.1 307 x")
    with hostile_server(api=lambda peer: peer.send(moved)) as server:
        assert fails_in_time(connect(server), errors.ApiError, "answered 307").status == 307
    with hostile_server(token=lambda peer: peer.send(moved)) as server:
        fails_in_time(connect(server), errors.TokenEndpointError, "status 307")


@pytest.mark.parametrize("location", [b"\xff\xfe", b"/x\xff"])
def test_a_redirect_in_no_charset_leads_where_its_bytes_say(connect, location):
    moved = head(b"Location: " + location, b"Content-Length: 0", status=b"HTTP/1.1 307 x")
    with hostile_server(api=lambda peer: peer.send(moved)) as server:
        fails_in_time(connect(server), errors.ApiConnectionError, "redirects in circles")  # it is on this server
    with hostile_server(token=lambda peer: peer.send(moved)) as server:
        fails_in_time(connect(server), errors.TokenEndpointError, "status 307")


@pytest.mark.parametrize(
    ("where", "said"), [("token", "Token endpoint: status 503"), ("api", "GET /api/x: status 503")]
)
def test_a_warning_says_which_endpoint_it_is_about(connect, monkeypatch, where, said):
    busy = b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"
    good = http(TOKEN_ANSWER)
    answers, logged = iter([busy, good]), []
    with hostile_server(**{where: lambda peer: peer.send(next(answers))}) as server:
        hook = connect(server, max_attempts=2)
        monkeypatch.setattr(type(hook.log), "warning", lambda _, text, *args: logged.append(text % args), raising=False)
        hook.run("/api/x?client_secret=q")
    assert len(logged) == 1
    assert logged[0].startswith(f"{said}, attempt 1 of 2; trying again in ")


def test_threads_do_not_share_a_deadline(connect):
    def answer(peer):
        peer.stop.wait(TIMEOUT * 0.5)
        peer.send(http(b"[1]"))

    with hostile_server(api=answer) as server:
        hook, answers = connect(server, timeout=TIMEOUT * 3), []
        hook.get_access_token()
        threads = [threading.Thread(target=lambda: answers.append(hook.run("/x").json())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [[1]] * 8


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
@pytest.mark.parametrize("of", ["api", "token"])
def test_a_head_that_breaks_off_is_no_answer(hook_on, head, of):
    def broken(peer):
        peer.send(head)
        peer.done = True

    with hostile_server(**{of: broken}) as server:
        fails_in_time(
            hook_on(server), (errors.ApiConnectionError, errors.TokenUnavailableError), "closed the connection"
        )
