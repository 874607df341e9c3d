"""Lists that would end green with a part of their records, or with some of them twice: refused, or read to the end."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.paging import CursorPagination, OffsetPagination, PageNumberPagination

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server, http

THINGS = [{"id": number} for number in range(1, 26)]
SIZE = 10


@pytest.fixture
def serve(hook_on):
    """Return a context: a server whose answers are what a function makes of the query, and a hook on it."""

    @contextmanager
    def serving(answer):
        def api(peer):
            query = dict(parse_qsl(urlsplit(server.requests[-1].split(" ")[1]).query))
            peer.send(http(json.dumps(answer(query)).encode()))

        with hostile_server(api=api) as server:
            yield hook_on(server)

    return serving


def read(hook, pagination, **about):
    return list(hook.paginate("/things", pagination=pagination, max_concurrency=1, **about))


@pytest.mark.parametrize("total", [{}, {"totalElements": 25}])
@pytest.mark.parametrize("length", [25, 20, 7])
def test_a_server_that_counts_its_pages_from_one_and_takes_0_for_1(serve, length, total):
    """The first page would come twice, and with a total the last one not at all."""

    def answer(query):
        start = (max(1, int(query["page"])) - 1) * SIZE
        return {"content": THINGS[:length][start : start + SIZE], **({"totalElements": length} if total else {})}

    with serve(answer) as hook:
        assert read(hook, PageNumberPagination(size=SIZE, first_page=1)) == THINGS[:length]
        if total and length < SIZE:
            assert read(hook, PageNumberPagination(size=SIZE)) == THINGS[:length]
            return
        with pytest.raises(
            errors.PaginationError, match=r"to count its pages from 1\. .* Set pagination\.first_page to 1"
        ):
            read(hook, PageNumberPagination(size=SIZE))


def test_equal_records_without_an_id_are_data_on_the_first_two_pages_too(serve):
    pages = [[{"v": 1}, {"v": 2}], [{"v": 1}, {"v": 2}], [{"v": 3}]]

    with serve(lambda query: {"i": pages[int(query["page"])] if int(query["page"]) < 3 else []}) as hook:
        assert read(hook, PageNumberPagination(size=2)) == [*pages[0], *pages[1], *pages[2]]


@pytest.mark.parametrize("style", [PageNumberPagination(size=2, more="more"), CursorPagination(more="more")])
def test_the_same_records_again_and_again_are_no_end_where_a_flag_says_that_there_is_more(serve, style):
    pages = [[1, 2], [3, 4], [3, 4], [3, 4], [5, 6]]

    def answer(query):
        number = int(query.get("page") or query.get("cursor") or 0)
        return {"i": pages[number], "more": number < 4, "next_cursor": str(number + 1)}

    with serve(answer) as hook, pytest.raises(errors.PaginationError, match="the answer says that there is more"):
        read(hook, style)


@pytest.mark.parametrize("more", [{"has_more": True}, {"next": "/things?offset=10"}])
def test_a_total_that_is_that_of_the_page(serve, more):
    def answer(query):
        start = int(query["offset"])
        page = THINGS[start : start + SIZE]
        return {"items": page, "total": len(page), **(more if start + SIZE < len(THINGS) else {})}

    with serve(answer) as hook:
        with pytest.raises(errors.TruncatedListError, match=r"correct pagination\.total, or set it to None"):
            read(hook, OffsetPagination(limit=SIZE))
        assert read(hook, OffsetPagination(limit=SIZE, total=None)) == THINGS
        # It begins further on, and all that is left is in one page.
        assert read(hook, OffsetPagination(limit=SIZE), params={"offset": 20}) == THINGS[20:]


def test_a_next_link_beside_a_short_page_that_has_the_whole_total(serve):
    with serve(lambda query: {"items": THINGS[:7], "total": 7, "next": "/things?offset=10"}) as hook:
        assert read(hook, OffsetPagination(limit=SIZE)) == THINGS[:7]


def test_a_total_at_which_the_server_stopped_to_count(serve, caplog):
    """As Elasticsearch does at 10,000."""

    def answer(query):
        start = int(query["from"])
        return {"hits": {"total": {"value": 10, "relation": "gte"}, "hits": THINGS[start : start + SIZE]}}

    style = OffsetPagination(offset_param="from", limit_param="size", limit=SIZE, total="hits.total.value")
    with serve(answer) as hook:
        assert read(hook, style, records="hits.hits") == THINGS
    assert "ended, though" not in caplog.text
