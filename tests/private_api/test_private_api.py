"""What is used of other libraries without their promise: each has a test, red as soon as a version does without it.

The reason for each is beside its use. The last test finds uses that nobody has written down here.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import logging
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.exceptions import IncompleteRead

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.client import body_rewind, content_coding, proxies, response_content
from airflow_provider_orgauth.client.aio.request_body import AsyncBody
from airflow_provider_orgauth.client.aio.transport import LoopConnections
from airflow_provider_orgauth.triggers import asset_state

PACKAGE = Path(body_rewind.__file__).parents[1]


def insist(is_so: object, library: str, name: str, meaning: str) -> None:
    if not is_so:
        installed = library if library == "Python" else f"{library} {version(library)}"
        pytest.fail(f"{installed}: {name} is no more what this package takes it for: {meaning}", pytrace=False)


def body(content: bytes) -> requests.Response:
    response = requests.Response()
    response.raw = io.BytesIO(content)
    return response


def test_airflows_states_of_several_assets():
    context = pytest.importorskip("airflow.sdk.execution_time.context")
    if not hasattr(context, "AssetStateStoreAccessors"):
        pytest.skip("since Airflow 3.3")
    assets = [compat.Asset("one"), compat.Asset("two")]
    stores = asset_state._stores_of_each_asset(context.AssetStateStoreAccessors(inlets=assets))
    insist(
        stores == [context.AssetStateStoreAccessor(name=name) for name in ("one", "two")],
        "Airflow",
        "AssetStateStoreAccessors._by_name",
        "the store of each asset, by its name",
    )


def test_airflows_rights_on_a_connection_are_of_the_one_in_the_path():
    if tuple(int(part) for part in version("apache-airflow").split(".")[:2]) < (3, 1):
        return  # no page, no rights to look up
    from airflow_provider_orgauth.ui import airflow_server

    rule = inspect.getsource(airflow_server.requires_access_connection)
    insist('path_params.get("connection_id")' in rule, "apache-airflow", "requires_access_connection", "by the path")
    rule = inspect.getsource(airflow_server.action_logging)
    insist("path_params" in rule, "apache-airflow", "action_logging", "the path's parameters are in the audit log")
    insist('"connection" in event' in rule, "apache-airflow", "action_logging", "of such events only the body is kept")


def test_requests_content_of_a_response():
    def so(is_so: object, meaning: str) -> None:
        insist(is_so, "requests", "Response._content, ._content_consumed", meaning)

    so(hasattr(requests.Response(), "_content_consumed"), "whether it was read")
    fresh, read, in_pieces, kept = body(b"abc"), body(b"abc"), body(b"abc"), body(b"abc")
    so(not response_content.is_read(fresh), "not read yet")
    so(response_content.content_of(fresh) is None, "not held yet")
    so(read.content == b"abc" and response_content.is_read(read), "read by .content")
    so(response_content.content_of(read) == b"abc", "held by .content")
    so([*in_pieces.iter_content(1)] and response_content.is_read(in_pieces), "read by iter_content")
    so(response_content.content_of(in_pieces) is None, "held nowhere after iter_content")
    response_content.keep(kept, b'{"a":1}')
    so(kept.content == b'{"a":1}' and kept.json() == {"a": 1}, "what .content gives")
    so([*kept.iter_content(100)] == [b'{"a":1}'], "what iter_content gives")


def test_requests_where_a_body_began():
    file = io.BytesIO(b"abcdef")
    file.seek(2)
    of_file = requests.Request("POST", "http://localhost/", data=file).prepare()
    of_generator = requests.Request("POST", "http://localhost/", data=iter([b"a"])).prepare()
    insist(
        body_rewind.can_rewind(of_file) and not body_rewind.can_rewind(of_generator),
        "requests",
        "PreparedRequest._body_position",
        "a number, where the body is a file that can be rewound",
    )
    file.read()
    body_rewind.rewind(of_file)
    assert file.read() == b"cdef"


def test_requests_adapter_of_a_response():
    adapter, request = HTTPAdapter(), requests.Request("GET", "http://localhost/").prepare()
    response = adapter.build_response(request, urllib3.HTTPResponse(status=200))
    found = getattr(response, "connection", None)
    insist(found is adapter, "requests", "Response.connection", "the adapter that a replay goes through")


def test_requests_lock_of_cookies():
    jar = requests.Session().cookies
    insist("_cookies_lock" in vars(jar), "Python", "CookieJar._cookies_lock", "its only lock")
    with jar._cookies_lock:
        setting = threading.Thread(target=jar.set, args=("a", "b"), daemon=True)
        setting.start()
        setting.join(0.05)
        insist(setting.is_alive(), "Python", "CookieJar._cookies_lock", "what it waits for when it is changed")
    setting.join(10)
    assert jar["a"] == "b"


def test_requests_state_of_a_session():
    insist(
        vars(requests.Session()).keys() >= set(requests.Session.__attrs__),
        "requests",
        "vars(Session)",
        "all that a session has: a walk's session begins with the same",
    )


@contextlib.contextmanager
def connected(connection: HTTPConnection, answer: bytes) -> Iterator[None]:
    """To a peer that has sent this."""
    connection.sock, peer = socket.socketpair()
    with connection.sock, peer:
        peer.sendall(answer)
        yield


HINTS = b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"


def test_http_client_answers():
    def so(is_so: object, meaning: str) -> None:
        insist(is_so, "Python", "http.client.HTTPResponse.begin, .fp, .msg, HTTPConnection.response_class", meaning)

    made = []

    class Connection(HTTPConnection):
        def response_class(self, *args, **kwargs):
            made.append(HTTPResponse(*args, **kwargs))
            return made[-1]

    connection = Connection("localhost")
    with connected(connection, HINTS):
        connection.request("GET", "/")
        answer = HTTPResponse(connection.sock, method="GET")
        so(isinstance(answer.fp, io.BufferedReader), "a buffer around the socket's file, before anything is read")
        answer.begin()
        so(answer.status == 103 and answer.headers is answer.msg, "one head is read at a time, but for 100 Continue")
        answer.headers = answer.msg = None
        answer.begin()
        so(answer.status == 204, "the next head is read where the headers are None")
    connection.close()
    with connected(connection, HINTS):
        connection.request("GET", "/")
        so(connection.getresponse() in made, "response_class is called to make an answer")


def test_http_client_word_for_a_proxy_that_refuses():
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        connection = HTTPConnection("127.0.0.1", proxy.getsockname()[1], timeout=10)
        connection.set_tunnel("localhost")

        def refuse() -> None:
            with proxy.accept()[0] as peer:
                peer.recv(1000)
                peer.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

        refusing = threading.Thread(target=refuse, daemon=True)
        refusing.start()
        with pytest.raises(OSError, match="407") as error:
            connection.connect()
        refusing.join(10)
    insist(proxies.status_in(error.value) == 407, "Python", "the text of a failed CONNECT", "it says the status first")


def test_urllib3_classes_of_pools():
    for kind, name in (HTTPConnectionPool, "ConnectionCls"), (HTTPConnectionPool, "QueueCls"):
        insist(hasattr(kind, name), "urllib3", f"{kind.__name__}.{name}", "a class that can be replaced")
    insist(hasattr(PoolManager(), "pool_classes_by_scheme"), "urllib3", "PoolManager.pool_classes_by_scheme", "a dict")

    class Connection(HTTPConnectionPool.ConnectionCls):
        pass

    class Queue(HTTPConnectionPool.QueueCls):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls, QueueCls = Connection, Queue

    manager = PoolManager()
    manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "http": Pool}
    pool = manager.connection_from_url("http://localhost/")
    insist(isinstance(pool, Pool), "urllib3", "PoolManager.pool_classes_by_scheme", "which class of pool is made")
    insist(isinstance(pool.pool, Queue), "urllib3", "HTTPConnectionPool.QueueCls", "what keeps idle connections")
    insist(
        isinstance(pool.pool.get(), Connection | None) and isinstance(pool._new_conn(), Connection),
        "urllib3",
        "HTTPConnectionPool.ConnectionCls",
        "what is made to connect",
    )


def packed(bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(os.urandom(2000)) + packer.flush()


DEFLATE, RAW_DEFLATE, GZIP = packed(15), packed(-15), packed(31)


def is_refused(content: bytes, coding: str) -> bool:
    raw = urllib3.HTTPResponse(io.BytesIO(content), {"Content-Encoding": coding}, preload_content=False)
    while raw.read1(500):
        pass
    try:
        content_coding.refuse_cut(raw)
    except IncompleteRead:
        return True
    return False


@pytest.mark.parametrize(
    ("content", "coding"),
    [
        (GZIP, "gzip"),
        (GZIP + GZIP, "gzip"),
        (DEFLATE, "deflate"),
        (RAW_DEFLATE, "deflate"),
        (zlib.compress(GZIP), "gzip, deflate"),
    ],
)
def test_urllib3_ends_of_what_is_compressed(content, coding):
    names = "HTTPResponse._decoder, ._decoders, ._obj, ._state"
    insist(not is_refused(content, coding), "urllib3", names, f"a whole body is at its end ({coding})")
    insist(is_refused(content[:-100], coding), "urllib3", names, f"a body that was cut is not ({coding})")


def test_urllib3_state_behind_the_end_of_gzip():
    insist(not is_refused(GZIP + b"\r\n", "gzip"), "urllib3", "GzipDecoder._state", "2 behind the end of gzip")


def test_fsspec_whose_process_a_file_system_is_of():
    from fsspec.asyn import AsyncFileSystem
    from fsspec.implementations.local import LocalFileSystem

    for kind in (AsyncFileSystem, LocalFileSystem):
        fs = kind()
        insist(getattr(fs, "_pid", None) == os.getpid(), "fsspec", f"{kind.__name__}._pid", "the process that made it")


def test_airflows_file_system_of_a_store():
    store = compat.attach("file", "a_connection_of_this_test")
    store.fs = mine = object()
    again = compat.attach("file", "a_connection_of_this_test")
    insist(again.fs is mine, "apache-airflow", "ObjectStore.fs", "what all paths of a protocol and connection share")


def can_be_of_a_class_of_its_own(thing: object) -> bool:
    kind = type("Own", (type(thing),), {"__slots__": ()} if hasattr(type(thing), "__slots__") else {})
    try:
        thing.__class__ = kind
    except TypeError:
        return False
    return type(thing) is kind


def test_airflows_masker():
    def so(is_so: object, name: str, meaning: str) -> None:
        insist(is_so, "apache-airflow", f"SecretsMasker.{name}", meaning)

    masker = type(compat.secrets_masker())()
    for name in ("replacer", "patterns", "_adaptations"):
        so(hasattr(masker, name), name, "there")
    so(masker.replacer is None or hasattr(masker.replacer, "sub"), "replacer", "a compiled pattern, or none yet")
    so(isinstance(masker.patterns, set), "patterns", "the set of what is compiled")
    so("s3cret" in [*masker._adaptations("s3cret")], "_adaptations", "what is masked of one secret")
    so(can_be_of_a_class_of_its_own(masker), "__class__", "an object that can get a class of our own")


def test_what_a_supervised_process_writes_through():
    runner = pytest.importorskip("airflow.sdk.execution_time.task_runner", reason="Airflow 2 has no supervisor")
    import structlog

    known = hasattr(runner, "SUPERVISOR_COMMS") or "SUPERVISOR_COMMS" in runner.__annotations__
    insist(known, "apache-airflow", "task_runner.SUPERVISOR_COMMS", "there where a supervisor is")
    insist(
        structlog.get_config()["processors"] is structlog.get_config()["processors"],
        "structlog",
        'get_config()["processors"]',
        "the one list of all loggers, which can be changed in place",
    )
    formatter = structlog.stdlib.ProcessorFormatter(processors=[structlog.dev.ConsoleRenderer()])
    insist(len(formatter.processors) == 1, "structlog", "ProcessorFormatter.processors", "what it formats with")


def test_what_a_program_writes_through():
    logging.getLogger("orgauth.of_this_test")
    loggers = logging.Logger.manager.loggerDict
    insist("orgauth.of_this_test" in loggers, "Python", "logging.Manager.loggerDict", "all loggers")
    written = []
    file = io.TextIOWrapper(io.BufferedWriter(io.BytesIO()), write_through=True)
    file.buffer.write = written.append
    file.write("abc")
    file.flush()
    insist(written == [b"abc"], "Python", "BufferedWriter.write", "what a text file over it calls, on the object")


def test_airflows_arguments_of_operators():
    class Operator(compat.BaseOperator):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

    insist(
        Operator.__init__.__wrapped__.__qualname__.endswith("Operator.__init__"),
        "apache-airflow",
        "BaseOperator.__init__.__wrapped__",
        "the operator's own __init__, around which Airflow puts its own",
    )
    params = Operator(task_id="a", params={"b": 1}).params
    insist(params.get_param("b").value == 1, "apache-airflow", "ParamsDict.get_param, Param.value", "a param as it is")


def test_airflows_partial_operators():
    class Operator(compat.BaseOperator):
        def __init__(self, *, a=None, b=None, **kwargs):
            super().__init__(**kwargs)

    partial = Operator.partial(task_id="of_this_test", a=1)
    name = type(partial).__name__
    given = getattr(partial, "kwargs", {})
    insist(given.get("a") == 1, "apache-airflow", f"{name}.kwargs", "what partial(…) was given")
    is_ours = can_be_of_a_class_of_its_own(partial)
    insist(is_ours, "apache-airflow", f"{name}.__class__", "an object that can get a class of our own")
    with compat.DAG("of_this_test", schedule=None):
        mapped = partial.expand(b=[1, 2])
    insist(
        type(mapped).__name__ == "MappedOperator" and mapped.task_id == "of_this_test",
        "apache-airflow",
        f"{name}.expand",
        "what maps over its keywords, also in a class of our own",
    )


def test_airflows_wait_of_sensors():
    class Sensor(compat.BaseSensorOperator):
        def poke(self, context):
            return poked.append(1) or len(poked) > 1

        def _get_next_poke_interval(self, started_at, run_duration, poke_count):
            asked.append((run_duration() >= 0, poke_count))
            return 0.25

    poked, asked = [], []
    began = time.monotonic()
    Sensor(task_id="a").execute({})
    is_slept = time.monotonic() - began >= 0.25
    insist(
        asked == [(True, 1)] and is_slept,
        "apache-airflow",
        "BaseSensorOperator._get_next_poke_interval",
        "asked for the seconds between two looks",
    )


def test_aiohttps_own_repeat():
    """aiohttp sends a request again by itself, once, where a connection that was used before breaks."""
    asked = 0

    async def answer(reader, writer):
        nonlocal asked
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            asked += 1
            if asked > 1:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def requests_sent():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        request, connections = requests.Request("GET", url).prepare(), LoopConnections()
        async with server:
            for _ in range(2):
                with contextlib.suppress(aiohttp.ClientError):
                    response, came = await connections.send(
                        request, AsyncBody(None, None), timeout=10, environment={"verify": True, "proxies": {}}
                    )
                    await connections.receive(response, came, timeout=10)
            await connections.close()
        return asked

    insist(asyncio.run(requests_sent()) == 2, "aiohttp", "ClientSession._retry_connection", "no repeat of its own")


WRITTEN_DOWN = {
    "_adaptations": test_airflows_masker,
    "_body_position": test_requests_where_a_body_began,
    "_call_s3": "tests/exports/test_s3_private_api.py",
    "_by_name": test_airflows_states_of_several_assets,
    "_content": test_requests_content_of_a_response,
    "_content_consumed": test_requests_content_of_a_response,
    "_cookies_lock": test_requests_lock_of_cookies,
    "_decoder": test_urllib3_ends_of_what_is_compressed,
    "_decoders": test_urllib3_ends_of_what_is_compressed,
    "_obj": test_urllib3_ends_of_what_is_compressed,
    "_pid": test_fsspec_whose_process_a_file_system_is_of,
    "_retry_connection": test_aiohttps_own_repeat,
    "_secrets_masker": test_airflows_masker,
    "_state": test_urllib3_state_behind_the_end_of_gzip,
}
"""Names with an underscore, of others, and the test of each."""

CLASSES_REPLACED = {
    "hooks/own_masking.py": test_airflows_masker,
    "operators/mapped_query.py": test_airflows_partial_operators,
}
"""Where an object of others gets a class of ours, and the test of each."""


def is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.startswith("__")


def own_names(tree: ast.Module) -> set[str]:
    """What a module defines, and what its classes put on themselves."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
    return found


def foreign_names(tree: ast.Module, *, own: set[str], of_all: set[str]) -> set[str]:
    """Private names that a module asks others for, by a dot, by ``getattr`` or by import."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if name in of_all:
                pass
            case ast.Attribute(attr=name) if name not in own:
                found.add(name)
            case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, ast.Constant(value=name), *_]):
                found.add(name)
            case ast.ImportFrom(names=names):
                found.update(one.name for one in names)
    return set(filter(is_private, found))


def test_no_other_private_name_is_used():
    trees = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    of_all = set().union(*map(own_names, trees))
    found = set().union(*(foreign_names(tree, own=own_names(tree), of_all=of_all) for tree in trees))

    assert found - WRITTEN_DOWN.keys() == set(), "use what is public; or say why not beside it, and write a test above"
    assert WRITTEN_DOWN.keys() - found <= {"_adaptations"}, "no more used: take it out here"


def replaces_a_class(tree: ast.Module) -> bool:
    """Whether ``….__class__`` is assigned to."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "__class__" and isinstance(node.ctx, ast.Store)
        for node in ast.walk(tree)
    )


def test_no_other_object_gets_a_class_of_ours():
    trees = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}
    found = {name for name, tree in trees.items() if replaces_a_class(tree)}

    assert found == CLASSES_REPLACED.keys(), "say why beside it, and write a test above"
    assert not replaces_a_class(ast.parse("kind = thing.__class__"))


def test_this_finds_what_it_looks_for():
    tree = ast.parse("class A:\n  def f(self, b):\n    self._a = self._of_base + b._c\n    getattr(b, '_d', None)")
    assert foreign_names(tree, own=own_names(tree), of_all={"_a"}) == {"_of_base", "_c", "_d"}
