"""Both drivers: lists, and calls that are stopped."""

from __future__ import annotations

from typing import Any

from drivers import Ask, Row
from hostile_server import http
from paging_ways import ENDS, STYLES
from row_servers import (
    BACKOFF,
    GOOD,
    OK,
    paged,
    raw,
    reset,
    run,
    status,
)

from airflow_provider_orgauth.paging import (
    CursorPagination,
    LinkPagination,
    PageNumberPagination,
)


def pages(way: str, **about: Any) -> tuple[Ask, ...]:
    return (Ask("paginate", f"/things/{way}", about),)


def ids(length: int) -> str:
    return f"^{str(list(range(1, length + 1))).replace('[', '.')[:-1]}.$"


NUMBER = PageNumberPagination(size=10)
PAGES = [
    *(
        Row(
            f"pages: {way}",
            paged(37, limit=10),
            pages(way, pagination=style, max_concurrency=1, **about),
            (ids(37),),
            None,
        )
        for way, (style, about) in {**STYLES, **ENDS}.items()
    ),
    *(
        Row(f"pages, empty: {way}", paged(0), pages(way, pagination=style, max_concurrency=1, **about), (ids(0),), None)
        for way, (style, about) in STYLES.items()
    ),
    Row(
        "pages in a circle",
        paged(37, limit=10),
        pages("circle", pagination=CursorPagination(cursor="cursors.next"), max_concurrency=1),
        ("^PaginationError: ",),
        None,
    ),
    Row(
        "a next page elsewhere",
        paged(37, limit=10),
        pages("elsewhere", pagination=LinkPagination(), max_concurrency=1),
        ("^ForeignOriginError: ",),
        1,
    ),
    Row(
        "a page that breaks off is asked for again",
        paged(37, broken=frozenset({2})),
        pages("number", pagination=NUMBER, max_concurrency=1),
        (ids(37),),
        5,
        waits=BACKOFF[:1],
        said=("broke off",),
    ),
    Row("one page of more", paged(37, limit=10), pages("link", pagination=None), ("^TruncatedListError: ",), 1),
    Row("one page is wanted", paged(37, limit=10), pages("link", pagination="single"), (ids(10),), 1),
    Row(
        "a window",
        paged(90, limit=10),
        pages("capped", pagination=NUMBER, max_concurrency=1),
        (ids(40),),
        None,
        said=("40 of 90",),
    ),
    Row(
        "a page that is missing",
        paged(20, limit=10),
        pages("not_found", pagination=NUMBER, max_concurrency=1),
        ("^ApiError: .*No such page",),
        3,
    ),
    Row("no array", raw(http(b'{"a": 1}')), (Ask("paginate", "/x", {"pagination": NUMBER}),), ("^ResponseError: ",), 1),
    Row("no JSON", raw(http(b"<p>")), (Ask("paginate", "/x", {"pagination": NUMBER}),), ("Error: ",), 1),
    Row(
        "a busy page",
        raw(status("503 X"), http(b"[]")),
        (Ask("paginate", "/x", {"pagination": NUMBER, "max_concurrency": 1}),),
        (ids(0),),
        2,
        waits=((0, 1),),
        said=(".",),
    ),
]


# A stop

STOPS = [
    Row(
        "stopped before: one that need not wait is sent, as a task that is being stopped may want to say so",
        raw(OK),
        run(),
        (GOOD,),
        1,
        1,
        first=lambda hook: (hook.get_access_token(), hook.cancel()),
    ),
    Row(
        "stopped in a wait",
        raw(status("503 X")),
        run(),
        ("^TaskStoppedError: .*status 503",),
        1,
        waits=BACKOFF[:1],
        said=("503",),
        meanwhile=lambda hook: hook.cancel(),
    ),
    Row(
        "stopped after no answer",
        raw(reset),
        run(),
        ("^TaskStoppedError: .*closed",),
        1,
        waits=BACKOFF[:1],
        said=("closed",),
        meanwhile=lambda hook: hook.cancel(),
    ),
    Row(
        "a list that is stopped",
        raw(OK),
        (Ask("paginate", "/x", {"pagination": NUMBER}),),
        ("^TaskStoppedError: ",),
        0,
        1,
        first=lambda hook: (hook.get_access_token(), hook.cancel()),
    ),
]
