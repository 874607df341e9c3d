"""A forked child has connections, locks and threads of its own, whatever holds them."""

from __future__ import annotations

import copy
import gc
import io
import multiprocessing
import os
import threading
import time
from collections import deque
from contextlib import ExitStack
from itertools import islice
from types import GeneratorType, MethodType

import pytest
import requests
from echo_server import echo_server
from forked import Child, in_child
from paging_server import paging_server
from tls import Authority

from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.exceptions import ForkedProcessError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

CALLS = 50


@pytest.fixture
def server():
    with echo_server() as server:
        yield server


@pytest.fixture
def connect(monkeypatch):
    """Return a function that makes a hook on a server."""

    def make(connection_json: str) -> OrgAuthHook:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", connection_json)
        return OrgAuthHook()

    return make


@pytest.fixture
def hook(server, connect):
    return connect(server.connection_json())


def port_of(response):
    """Return which connection the request came over."""
    response.raise_for_status()
    return response.json()["port"]


def wrong_answers(hook, who, calls=CALLS):
    """Return the answers that are for somebody else's request."""
    paths = [f"/{who}/{number}" for number in range(calls)]
    return [(path, got) for path in paths if (got := hook.run(path).json()["path"]) != path]


@pytest.mark.parametrize("children", [2, 8])
def test_children_and_parent_get_the_answers_to_their_own_requests(hook, children):
    hook.run("/before")

    started = [Child(lambda who=f"child{number}": wrong_answers(hook, who)) for number in range(children)]
    in_parent = wrong_answers(hook, "parent")

    assert [child.result() for child in started] == [[]] * children
    assert in_parent == []


_inherited: list[OrgAuthHook] = []
"""As the workers of a task's pool have it."""


def _called(number):
    return _inherited[-1].run(f"/{number}").json()["path"]


def test_a_pool_of_multiprocessing_gets_its_answers(hook):
    _inherited.append(hook)
    hook.run("/before")

    with multiprocessing.get_context("fork").Pool(4) as pool:
        paths = pool.map_async(_called, range(300), chunksize=1).get(60)

    assert paths == [f"/{number}" for number in range(300)]


def test_threads_go_on_while_children_are_forked(hook):
    stop, wrong = threading.Event(), []

    def work(who):
        while not stop.is_set():
            wrong.extend(wrong_answers(hook, who, calls=5))

    threads = [threading.Thread(target=work, args=[f"thread{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(8):
            assert in_child(lambda who=f"child{number}": wrong_answers(hook, who, calls=3), leaves=True) == []
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_childs_end_is_no_end_of_its_parents_tls_connection(connect, tmp_path):
    authority = Authority(tmp_path)
    with echo_server(authority.server_context("127.0.0.1")) as server:
        hook = connect(server.connection_json(verify=str(authority.bundle)))
        before = port_of(hook.run("/before"))

        in_childs = in_child(lambda: [port_of(hook.run("/child")) for _ in range(2)], leaves=True)
        in_child(hook.get_conn().close, leaves=True)

        assert port_of(hook.run("/after")) == before
        assert before not in in_childs
        assert len(set(in_childs)) == 1


def test_the_token_endpoints_connection_too(hook, server):
    hook.get_access_token()
    (before,) = server.ports

    def renew():
        memory.TOKENS.clear()
        return hook.get_access_token()

    assert in_child(renew) == "t0k3n-2"
    assert server.ports[-1] != before
    assert renew() == "t0k3n-3"
    assert server.ports[-1] == before


def test_those_behind_a_proxy_too(server, connect, monkeypatch):
    """The server plays the proxy: it is asked for a server that does not exist."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, server.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    hook = connect(server.connection_json(allow_http=True).replace(server.url, "http://api.invalid"))
    before = port_of(hook.run("/before"))

    children = [Child(lambda who=f"child{number}": _through_proxy(hook, who)) for number in range(2)]

    for child in children:
        wrong, port = child.result()
        assert wrong == []
        assert port != before


def _through_proxy(hook, who):
    urls = [f"http://api.invalid/{who}/{number}" for number in range(CALLS)]
    wrong = [url for url in urls if hook.run(url).json()["path"] != url]
    return wrong, port_of(hook.run("/last"))


@pytest.mark.parametrize("take", [lambda adapter: adapter, copy.copy], ids=["itself", "copy"])
def test_an_adapter_that_is_mounted_elsewhere_too(hook, server, take):
    with requests.Session() as session:
        session.mount(server.url, take(hook.get_conn().get_adapter(server.url)))
        before = port_of(session.get(server.url, auth=hook.auth))

        assert in_child(lambda: port_of(session.get(server.url, auth=hook.auth))) != before
        assert port_of(session.get(server.url, auth=hook.auth)) == before


def test_an_answer_that_its_parent_began_is_refused_and_stays_whole_there(hook, server):
    server.padding = 4 * 1024 * 1024  # more than any buffer on its way has
    with hook.get_conn().get("/large", stream=True) as response:
        first = response.raw.read(10)

        def read_on():
            with pytest.raises(ForkedProcessError, match="began in the process that forked this one"):
                _ = response.content
            response.close()
            return wrong_answers(hook, "child", calls=3)

        assert in_child(read_on, leaves=True) == []
        assert len(first + response.raw.read()) > server.padding


def test_an_answer_that_was_read_can_be_used(hook):
    response = hook.run("/x")

    assert in_child(lambda: response.json()["path"]) == "/x"


class ForkingBody(io.BytesIO):
    """A body during whose sending a child is forked, which sends on."""

    child: int | None = None

    def read(self, size=-1):
        if self.child is None:
            data = super().read(10)
            self.child = os.fork()
            return data
        return super().read(size)


def test_a_request_that_its_parent_began_is_refused(hook):
    body, (answer, told) = ForkingBody(b"x" * 100_000), os.pipe()
    try:
        came = hook.run("/x", method="POST", data=body).json()["path"].encode()
    except Exception as error:
        came = type(error).__name__.encode()
    if body.child == 0:
        os.write(told, came)
        os._exit(0)
    os.waitpid(body.child, 0)

    assert came == b"/x"
    assert os.read(answer, 100) == b"ForkedProcessError"


@pytest.mark.parametrize("style", ["number", "link"])
@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_walk_goes_on_in_each_process(connect, max_concurrency, style):
    with paging_server(300) as server:
        server.limit = 10
        hook = connect(server.connection_json)
        records = iter(_things(hook, style, max_concurrency))
        ids = [record["id"] for record in islice(records, 35)]

        children = [Child(lambda: [record["id"] for record in records]) for _ in range(3)]
        ids += [record["id"] for record in records]

        assert ids == list(range(1, 301))
        assert [child.result() for child in children] == [list(range(36, 301))] * 3


def _things(hook, style, max_concurrency):
    pagination = {"number": {"type": "page_number", "size": 10}, "link": "link"}[style]
    return hook.paginate(f"/things/{style}", pagination=pagination, max_concurrency=max_concurrency)


def test_what_is_under_way_at_the_fork_is_fetched_anew(connect):
    with paging_server(300) as server:
        server.limit = 10
        answered, held = threading.Event(), threading.Semaphore(0)

        def hold(number):
            if number > 1:
                held.release()
                answered.wait(60)

        server.before = hold
        records = iter(_things(connect(server.connection_json), "number", 2))
        first = next(records)
        for _ in range(2):  # as many as may be
            assert held.acquire(timeout=60)
        child = Child(lambda: [record["id"] for record in records])
        answered.set()

        assert [record["id"] for record in (first, *records)] == list(range(1, 301))
        assert child.result() == list(range(2, 301))


LOCKS = (type(threading.Lock()), type(threading.RLock()))
HOMES = {"airflow_provider_orgauth", "requests", "urllib3", "http", "queue", "threading", "concurrent"}
HOMES |= {"contextlib", "functools", "weakref"}


def locks_of(*things):
    """Return all locks that can be reached from these, but for those of logging, which sees to its own."""
    found, seen, waiting = [], set(), deque(things)
    while waiting:
        thing = waiting.popleft()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, LOCKS):
            found.append(thing)
        home = type(thing).__module__.partition(".")[0]
        if home in HOMES or isinstance(thing, dict | list | tuple | set | deque | GeneratorType | MethodType):
            waiting += gc.get_referents(thing)
    return found


def test_no_lock_that_a_thread_holds_stops_the_child(connect):
    with paging_server(300) as server:
        server.limit = 10
        # Plain http keeps the rate limit's file out of this; it is tried elsewhere.
        hook = connect(server.connection_json)
        hook.run("/things/array")
        walks = [iter(_things(hook, "number", most)) for most in (1, 8)]
        for walk in walks:
            next(walk)
        unused = OrgAuthHook()
        locked, done = threading.Event(), threading.Event()

        kept = [value for one in OrgAuthHook.__mro__ for value in vars(one).values()]

        def hold():
            with ExitStack() as held:
                for lock in locks_of(hook, unused, *walks, *kept):
                    if lock.acquire(blocking=False):
                        held.callback(lock.release)
                locked.set()
                done.wait()

        holder = threading.Thread(target=hold)
        holder.start()
        locked.wait()

        def all_of_it():
            for one in (hook, unused):
                one.run("/things/array")
                one.get_conn().close()
            counts = [sum(1 for _ in walk) for walk in walks]
            hook.cancel()
            end = time.monotonic() + 10
            while not hook._cancelled.is_set() and time.monotonic() < end:
                pass
            return counts, hook._cancelled.is_set()

        child = Child(all_of_it, leaves=True)
        try:
            assert child.result() == ([299, 299], True)
        finally:
            done.set()
            holder.join()
