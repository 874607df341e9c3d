"""``hook.paginate`` in every style over sockets: the same records one after the other and several at once."""

from __future__ import annotations

import threading
import time

import pytest
from paging_server import paging_server
from paging_ways import NUMBER, STYLES

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import (
    CursorPagination,
    LinkPagination,
)

LENGTH = 137
ALL = list(range(1, LENGTH + 1))


KNOWN_AHEAD = ("number", "number_from_one", "number_of_pages", "offset", "scim")


@pytest.fixture
def server():
    with paging_server(LENGTH) as running:
        yield running


@pytest.fixture
def hook(server, monkeypatch, clockwork):
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json)
    return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)


def ids(pages):
    return [record["id"] for record in pages]


def page_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("orgauth-page")]


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


@pytest.mark.parametrize("limit", [10, 7])
@pytest.mark.parametrize("max_concurrency", [1, 8])
@pytest.mark.parametrize("way", STYLES)
def test_every_style_gives_every_record_in_order(hook, server, way, max_concurrency, limit):
    server.limit = limit
    style, about = STYLES[way]

    assert ids(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about)) == ALL
    assert server.calls["/oauth2/token"] == 1


@pytest.mark.parametrize("way", KNOWN_AHEAD)
def test_pages_known_ahead_are_asked_for_at_once_and_no_page_too_many(hook, server, way):
    """The server answers none of the four before it has them all."""
    together = threading.Barrier(4, timeout=10)
    server.before = lambda number: together.wait() if 2 <= number <= 13 else None
    style, about = STYLES[way]

    assert ids(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=4, **about)) == ALL
    assert len(server.queries) == 14


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_an_empty_list(hook, server, max_concurrency):
    server.length = 0
    for way, (style, about) in STYLES.items():
        assert ids(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about)) == []


def test_a_query_of_ones_own_goes_with_each_page(hook, server):
    list(hook.paginate("/things/number", pagination=NUMBER, params={"size": 50, "page": "1", "q": "x"}))

    assert server.queries[0] == {"page": "1", "size": "50", "q": "x"}
    assert all(query["q"] == "x" and query["size"] == "50" for query in server.queries)


@pytest.mark.parametrize("max_concurrency", [1, 8])
@pytest.mark.parametrize(("way", "next_url"), [("elsewhere", None), ("elsewhere_in_body", "paging.next")])
def test_a_link_to_another_server_is_not_followed(hook, server, way, next_url, max_concurrency):
    with paging_server() as evil:
        for origin in (evil.url, evil.url.replace("127.0.0.1", "localhost"), evil.url.removeprefix("http:")):
            server.foreign = origin
            pages = hook.paginate(
                f"/things/{way}", pagination=LinkPagination(next_url=next_url), max_concurrency=max_concurrency
            ).pages()

            assert len(next(pages)) == LENGTH
            with pytest.raises(errors.ForeignOriginError):
                next(pages)
        assert not evil.calls


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_loop_of_cursors(hook, server, max_concurrency):
    pages = hook.paginate(
        "/things/circle", pagination=CursorPagination(cursor="cursors.next"), max_concurrency=max_concurrency
    )
    with pytest.raises(errors.PaginationError, match=r"one in the middle of the list\. \(4 pages with 4 records"):
        list(pages)

    assert len(server.queries) == 6


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_page_that_breaks_off_is_asked_for_again(hook, server, max_concurrency):
    server.broken = frozenset({1, 4, 5, 9})

    assert ids(hook.paginate("/things/number", pagination=NUMBER, max_concurrency=max_concurrency)) == ALL
    assert len(server.queries) == 18


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_the_pages_before_one_that_is_lost_come_then_the_error(hook, server, max_concurrency):
    """Page 7 breaks off whenever it is asked for."""

    def lose(number):
        if server.queries[number - 1].get("page") == "7":
            server.broken |= {number}

    server.before = lose
    pages = hook.paginate("/things/number", pagination=NUMBER, max_concurrency=max_concurrency).pages()
    assert [ids(next(pages)) for _ in range(7)] == [list(range(at, at + 10)) for at in range(1, 71, 10)]
    with pytest.raises(errors.ApiConnectionError):
        next(pages)


def test_whoever_stops_early_waits_for_nothing_and_leaves_no_thread(hook, server):
    """The pages that are under way are answered only after the walk was left."""
    go_on, asked = threading.Event(), threading.Event()

    def hold(number):
        if number > 4:
            asked.set()
            go_on.wait(10)

    server.before = hold
    pages = hook.paginate("/things/number", pagination=NUMBER, max_concurrency=4).pages()
    next(pages)
    assert asked.wait(10)

    started = time.monotonic()
    pages.close()
    assert time.monotonic() - started < 5
    go_on.set()
    wait_until(lambda: not page_threads())
    assert len(server.queries) <= 8, "pages were asked for after the walk was left: four were answered, four held"


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_cancel_ends_a_walk_that_waits_for_another_try(server, monkeypatch, max_concurrency):
    """No clock of the test's own: these waits are real, and would take minutes."""
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json)
    hook = OrgAuthHook()

    pages = hook.paginate("/things/number", pagination=NUMBER, max_concurrency=max_concurrency).pages()
    next(pages)
    server.before = lambda number: hook.cancel() if number > 3 else None
    server.broken = frozenset(range(2, 99))
    started = time.monotonic()
    with pytest.raises(errors.TaskStoppedError):
        list(pages)
    assert time.monotonic() - started < 30
    wait_until(lambda: not page_threads())


@pytest.mark.parametrize("max_concurrency", [1, 4])
@pytest.mark.parametrize("way", ["number", "cursor"])
def test_cancel_ends_a_walk_whose_pages_all_come(hook, server, way, max_concurrency):
    server.length, server.limit = 2000, 10
    cancelled = threading.Event()

    def cancel(number):
        if number == 5:
            hook.cancel()
            hook._cancelled.wait(10)  # it is set by another thread
            cancelled.set()

    server.before = cancel
    style, about = STYLES[way]
    with pytest.raises(errors.TaskStoppedError, match="was not sent"):
        list(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about))
    assert cancelled.is_set()
    assert len(server.queries) < 100
    wait_until(lambda: not page_threads())


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_token_that_is_revoked_on_the_way_is_renewed_once_for_all(hook, server, max_concurrency):
    server.before = lambda number: server.revoke() if number == 6 else None

    assert ids(hook.paginate("/things/number", pagination=NUMBER, max_concurrency=max_concurrency)) == ALL
    assert server.calls["/oauth2/token"] == 2
    assert 1 <= server.unauthorized <= max_concurrency


@pytest.mark.parametrize("max_concurrency", [1, 8])
@pytest.mark.parametrize("way", KNOWN_AHEAD)
def test_a_list_that_grows_while_it_is_read(hook, server, way, max_concurrency):
    def grow(number):
        server.length = LENGTH + 3 * number

    server.before = grow
    style, about = STYLES[way]
    found = ids(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about))

    assert found == list(range(1, len(found) + 1))
    assert len(found) >= LENGTH


@pytest.mark.parametrize("max_concurrency", [1, 8])
@pytest.mark.parametrize("way", KNOWN_AHEAD)
def test_a_list_that_shrinks_while_it_is_read(hook, server, way, max_concurrency):
    def shrink(number):
        server.length = max(95, LENGTH - 5 * number)

    server.before = shrink
    style, about = STYLES[way]
    found = ids(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about))

    assert found == list(range(1, len(found) + 1))
    assert len(found) >= 95
