"""What an event loop needs besides the rules that threads have too: nothing blocks it, and nothing is left on it."""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import json
import logging
import sys
import threading
import time
from contextlib import aclosing, contextmanager

import pytest
from echo_server import echo_server
from forked import in_child
from hostile_server import hostile_server, http

from airflow_provider_orgauth.exceptions import ApiConnectionError, ConfigurationError, TaskStoppedError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import PageNumberPagination

PROFILE = "/api/v1/organization/profile"
DEVICES = "/api/v1/organization/devices"
PAGES = PageNumberPagination(size=5)


@pytest.fixture
def server():
    with echo_server() as server:
        yield server


@pytest.fixture
def echo(server, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json())
    return OrgAuthHook()


async def called(hook, number):
    return (await hook.run_async(f"/{number}")).json()["path"]


def test_a_thousand_calls_take_one_token_and_no_more_connections_than_may_be_open(echo, server):
    async def all_of_them():
        return await asyncio.gather(*(called(echo, number) for number in range(1000)))

    assert asyncio.run(all_of_them()) == [f"/{number}" for number in range(1000)]
    assert server.tokens == 1
    assert len(set(server.ports)) <= 64 + 1  # and the token's


def test_several_loops_one_after_the_other_and_threads_share_one_token(echo, server):
    threads = [
        threading.Thread(target=lambda: [asyncio.run(called(echo, number)) for number in range(5)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    echo.run("/sync")

    assert server.tokens == 1
    assert len(echo._loops._open) <= len(threads) + 1, "loops that are closed are forgotten"


def test_loops_that_were_closed_by_hand_while_a_session_was_opening_are_forgotten(echo):
    for _ in range(20):
        loop = asyncio.new_event_loop()
        opening = loop.create_task(called(echo, 1))
        loop.call_soon(opening.cancel)
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(opening)
        loop.close()
    asyncio.run(called(echo, 1))

    assert len(echo._loops._opening) <= 1


def test_a_token_that_takes_long_holds_up_no_other_task():
    asked, go_on = threading.Event(), threading.Event()

    def late(peer):
        asked.set()
        go_on.wait(10)
        peer.send(http(b'{"access_token": "a", "token_type": "Bearer", "expires_in": 300}'))

    async def beside(hook):
        call = asyncio.create_task(hook.run_async("/x"))
        while not asked.is_set():
            await asyncio.sleep(0)
        turns = 0
        for _ in range(100):
            await asyncio.sleep(0)
            turns += 1
        assert not call.done()
        go_on.set()
        return turns, (await call).status_code

    with hostile_server(token=late) as server, pytest.MonkeyPatch.context() as patch:
        assert asyncio.run(beside(hook_on(server, patch))) == (100, 200)


def hook_on(server, patch):
    connection = (
        f'{{"conn_type": "orgauth", "host": "http://127.0.0.1:{server.port}", "login": "i", "password": "s3cr3t"'
    )
    patch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", connection + ', "extra": {"cache": "memory", "max_attempts": 1}}')
    return OrgAuthHook()


def test_a_renewal_ahead_of_time_holds_up_nobody_who_has_a_token(make_hook, orgauth_emulator, clockwork):
    hook = make_hook()

    async def calls(count):
        return await asyncio.gather(*(hook.run_async(PROFILE) for _ in range(count)))

    asyncio.run(calls(1))
    clockwork.ahead += 300 * 0.999 - 30 - 1  # its margin is to come, and its last tenth has begun
    before = orgauth_emulator.stats()["token_requests"]
    asyncio.run(calls(50))

    assert orgauth_emulator.stats()["token_requests"] - before <= 1


def test_a_cancelled_call_closes_its_connection_and_leaves_its_slot(monkeypatch):
    gone = threading.Event()

    def never(peer):
        while peer.send(b""):
            peer.stop.wait(0.01)
            try:
                if not peer._connection.recv(1):
                    break
            except OSError:
                break
        gone.set()

    async def cancelled(hook):
        calls = [asyncio.create_task(hook.run_async("/x")) for _ in range(64)]
        while len(server.requests) < 1 + 64:
            await asyncio.sleep(0.01)
        for call in calls:
            call.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(one) for one in ended} == {asyncio.CancelledError}
        session = await hook._loops.shared()
        return session.slots._free._value

    with hostile_server(api=never) as server:
        assert asyncio.run(cancelled(hook_on(server, monkeypatch))) == 64
        assert gone.wait(5)


def test_cancel_ends_waits_at_once(monkeypatch):
    async def stopped():
        with hostile_server(api=lambda peer: peer.send(http(b"", status="503 Busy"))) as server:
            hook = hook_on(server, monkeypatch)
            monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server_json(server))
            call = asyncio.create_task(hook.run_async("/x"))
            while not server.requests[1:]:
                await asyncio.sleep(0.01)
            started = time.monotonic()
            hook.cancel()
            with pytest.raises(TaskStoppedError):
                await call
            return time.monotonic() - started

    assert asyncio.run(stopped()) < 5


def server_json(server):
    about = f'{{"conn_type": "orgauth", "host": "http://127.0.0.1:{server.port}", "login": "i", "password": "s3cr3t"'
    return about + ', "extra": {"cache": "memory", "retry_statuses": "503", "max_attempts": 10}}'


def test_whoever_stops_early_leaves_no_page_under_way(make_hook):
    hook = make_hook()

    async def first():
        async with aclosing(aiter(hook.paginate_async(DEVICES, pagination=PAGES))) as devices:
            async for device in devices:
                found = device["id"]
                break
        return found, len(asyncio.all_tasks())

    assert asyncio.run(first()) == (1, 1)


def test_all_records_come_in_order_whatever_the_concurrency(make_hook):
    hook = make_hook()

    async def ids(max_concurrency):
        pages = hook.paginate_async(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=max_concurrency)
        return [device["id"] async for device in pages]

    assert asyncio.run(ids(1)) == asyncio.run(ids(8)) == list(range(1, 2501))


def test_a_session_of_its_own_closes_what_it_opened(echo):
    async def through_session():
        async with echo.async_session() as session:
            answer = await session.get("/x")
            connections = session.connections
            assert connections._session is not None
        return answer.json()["path"], connections._session

    assert asyncio.run(through_session()) == ("/x", None)


def test_what_is_forgotten_is_closed_without_a_word(echo, server, caplog, recwarn, monkeypatch):
    async def forgotten():
        hook = OrgAuthHook()
        await hook.run_async("/x")
        del hook
        gc.collect()
        await asyncio.sleep(0.05)

    with caplog.at_level(logging.DEBUG, "asyncio"):
        asyncio.run(forgotten())
        gc.collect()

    assert "nclosed" not in caplog.text
    assert [str(one.message) for one in recwarn if "nclosed" in str(one.message)] == []


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_a_loop_and_connections_of_its_own(echo):
    async def before_and_after():
        before = (await echo.run_async("/before")).json()["port"]
        in_childs = await asyncio.to_thread(in_child, lambda: asyncio.run(both(echo)))
        return before, in_childs, (await echo.run_async("/after")).json()["port"]

    async def both(hook):
        return [(await hook.run_async(f"/child{number}")).json()["path"] for number in range(2)]

    before, in_childs, after = asyncio.run(before_and_after())

    assert in_childs == ["/child0", "/child1"]
    assert before == after


def test_a_wrong_connection_is_the_same_error_each_time(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", '{"conn_type": "orgauth", "host": "not a host"}')
    hook = OrgAuthHook()

    async def twice():
        return await asyncio.gather(*(hook.run_async("/x") for _ in range(2)), return_exceptions=True)

    for _ in range(2):
        assert [type(error) for error in asyncio.run(twice())] == [ConfigurationError] * 2


def test_an_asynchronous_body_is_sent_and_what_it_raises_comes_out(echo, server):
    class Mine(Exception):
        pass

    async def pieces(error=None):
        yield b"one"
        if error:
            raise error
        yield b"two"

    async def sent(body, hook=echo):
        return (await hook.run_async("/x", method="POST", data=body)).status_code

    def failing():
        yield b"one"
        raise Mine

    with hostile_server(api=lambda peer: peer.stop.wait(10)) as waiting, pytest.MonkeyPatch.context() as patch:
        for body in (failing(), pieces(Mine())):
            with pytest.raises(Mine):
                asyncio.run(sent(body, hook_on(waiting, patch)))
    for body in (io.BytesIO(b"onetwo"), b"onetwo", "onetwo"):  # that server reads nothing in chunks
        assert asyncio.run(sent(body)) == 200


def test_no_error_holds_a_token_in_its_frames(monkeypatch):
    async def failed(hook):
        await hook.run_async("/x")

    with hostile_server(api=lambda peer: setattr(peer, "done", True)) as server:
        hook = hook_on(server, monkeypatch)
        with pytest.raises(ApiConnectionError) as caught:
            asyncio.run(failed(hook))
    seen = [str(frame.frame.f_locals) for frame in caught.traceback]
    assert "acc3ss" not in "".join(seen)
    assert caught.value.__context__ is None


def test_a_socks_proxy_is_one_clear_error(echo, monkeypatch):
    asyncio.run(echo.run_async("/before"))  # the token comes in a thread
    monkeypatch.setenv("http_proxy", "socks5://user:pa55word@127.0.0.1:1")

    with pytest.raises(ConfigurationError, match="SOCKS proxy") as caught:
        asyncio.run(echo.run_async("/x"))
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize("body", [lambda: iter(b"\x03\x02"), lambda: iter([[65, 66]])])
def test_pieces_that_are_no_bytes_are_refused_and_not_made_bytes_of(monkeypatch, body):
    with hostile_server(api=lambda peer: peer.stop.wait(10)) as server:  # one that answers early may be faster
        hook = hook_on(server, monkeypatch)
        with pytest.raises(ConfigurationError, match="a piece of its body is"):
            asyncio.run(hook.run_async("/x", method="POST", data=body()))


def test_a_header_that_aiohttp_would_send_otherwise_is_refused(echo):
    with pytest.raises(ConfigurationError, match="UTF-8"):
        asyncio.run(echo.run_async("/x", headers={"X-Name": "M\xfcller"}))
    asyncio.run(echo.run_async("/x", headers={"X-Name": "M\xfcller".encode()}))


def test_a_cookie_of_a_packed_answer_and_of_one_that_was_repeated_is_kept(monkeypatch):
    answers = iter(
        [
            http(b"", "Set-Cookie: a=1", status="503 Busy"),
            http(gzip.compress(b"{}"), "Content-Encoding: gzip", "Set-Cookie: b=2"),
        ]
    )
    with hostile_server(api=lambda peer: peer.send(next(answers))) as server:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server_json(server))
        hook = OrgAuthHook(sleep=lambda _: None)
        asyncio.run(hook.run_async("/x"))

        assert dict(hook.get_conn().cookies) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_that_is_said_to_be_packed_is_the_same_in_a_thread(monkeypatch, coding):
    """What it is, depends on the version of urllib3."""

    def outcome(call):
        try:
            return call().content
        except ApiConnectionError as error:
            return str(error)

    with hostile_server(api=lambda peer: peer.send(http(b"", f"Content-Encoding: {coding}"))) as server:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server_json(server))
        hook = OrgAuthHook(sleep=lambda _: None)
        assert outcome(lambda: asyncio.run(hook.run_async("/x"))) == outcome(lambda: hook.run("/x"))


def test_the_reason_is_read_as_in_a_thread(monkeypatch):
    answer = http(b"{}", status="200 #").replace(b"#", "Très bien".encode("latin-1"))
    with hostile_server(api=lambda peer: peer.send(answer)) as server:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server_json(server))
        hook = OrgAuthHook()
        assert asyncio.run(hook.run_async("/x")).reason == hook.run("/x").reason == "Très bien"


def test_what_is_set_on_the_session_holds_for_the_next_call(echo):
    async def twice():
        await echo.run_async("/x")
        echo.get_conn().params = {"q": "1"}
        return (await echo.run_async("/x")).json()["path"]

    assert asyncio.run(twice()) == "/x?q=1"


class Slow(io.BytesIO):
    """A file of unknown length that takes its time."""

    def seek(self, offset, whence=0):
        if whence == 2:
            raise OSError("no end")
        return super().seek(offset, whence)

    def read(self, size=-1):
        time.sleep(0.15)
        return super().read(size)


def test_a_body_that_is_sent_again_begins_at_its_beginning(monkeypatch):
    content = bytes(range(256)) * 768
    received = []
    with body_server(received) as port:
        monkeypatch.setenv(
            "AIRFLOW_CONN_ORGAUTH_DEFAULT",
            f'{{"conn_type": "orgauth", "host": "http://127.0.0.1:{port}", "login": "i", "password": "s3cr3t", '
            '"extra": {"cache": "memory"}}',
        )
        hook = OrgAuthHook()
        asyncio.run(hook.run_async("/x", method="PUT", data=Slow(content)))

    assert received == [content]


@contextmanager
def body_server(received):
    """Answer the first request 401 before its body is there, and keep the body of the next."""
    from aiohttp import web

    asked = 0

    async def token(_):
        return web.json_response({"access_token": f"t{asked}", "token_type": "Bearer", "expires_in": 300})

    async def take(request):
        nonlocal asked
        asked += 1
        if asked == 1:
            await asyncio.sleep(0.05)
            return web.Response(status=401)
        received.append(await request.read())
        return web.json_response({})

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/oauth2/token", token)
    app.router.add_put("/x", take)
    started, loop = threading.Event(), asyncio.new_event_loop()
    port = []

    async def serve():
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.append(runner.addresses[0][1])
        started.set()
        return runner

    def live():
        runner = loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        left = asyncio.all_tasks(loop)  # of connections that a client has closed
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@pytest.mark.parametrize(("records", "is_on_the_loop"), [(10, True), (30_000, False)])
def test_a_large_page_is_decoded_in_a_thread(monkeypatch, records, is_on_the_loop):
    body = json.dumps([{"id": number, "name": "x" * 40} for number in range(records)]).encode()
    decoded_here = []

    def seen(frame, event, _):
        if event == "call" and frame.f_code.co_qualname == "Page.decoded":
            decoded_here.append(event)

    async def walked(hook):
        sys.setprofile(seen)
        try:
            return [record["id"] async for record in hook.paginate_async("/x", pagination="single")]
        finally:
            sys.setprofile(None)

    with hostile_server(api=lambda peer: peer.send(http(body))) as server:
        assert asyncio.run(walked(hook_on(server, monkeypatch))) == list(range(records))
    assert bool(decoded_here) is is_on_the_loop


def test_to_close_while_the_first_call_still_opens_leaves_nothing_open(orgauth_emulator, monkeypatch):
    hook = OrgAuthHook(orgauth_emulator.set_connection(monkeypatch, cache="memory"))

    async def main():
        calling = asyncio.create_task(hook.run_async("/api/v1/organization/profile"))
        await asyncio.sleep(0)  # it begins to open
        calling.cancel()
        await asyncio.wait([calling])
        opening = [*hook._loops._opening.values()]
        await hook.aclose()
        await asyncio.wait(opening)
        await asyncio.sleep(0)
        return dict(hook._loops._open)

    assert asyncio.run(main()) == {}
