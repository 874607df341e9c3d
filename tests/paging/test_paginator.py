"""The walk: in order, with an end, and never in circles."""

import json

import pytest
from model_server import ModelServer, answer, asked, pages_of, taken

from airflow_provider_orgauth.exceptions import PaginationError, ResponseError
from airflow_provider_orgauth.paging import (
    CursorPagination,
    OffsetPagination,
    PageNumberPagination,
    PageRequest,
    SinglePage,
)
from airflow_provider_orgauth.paging.paginator import Paginator

STYLE = PageNumberPagination(size=10, total="total")


def test_pages_are_counted_from_one_and_say_the_total():
    server, walk = ModelServer(25, total=25), Paginator(STYLE)

    pages = [walk.take(server.page(walk.request)) for _ in range(3)]
    assert [(page.number, len(page.records), page.total) for page in pages] == [(1, 10, 25), (2, 10, 25), (3, 5, 25)]
    assert walk.request is None


def test_a_walk_that_is_over_takes_nothing():
    walk = Paginator(SinglePage())
    walk.take(answer([1]))
    with pytest.raises(RuntimeError, match="over"):
        walk.take(answer([1]))


@pytest.mark.parametrize("max_concurrency", [1, 4])
@pytest.mark.parametrize("style", [STYLE, OffsetPagination(limit=10)], ids=["page", "offset"])
def test_a_server_that_ignores_the_page_is_found_out_at_once(style, max_concurrency):
    with pytest.raises(PaginationError, match=r"same 2 records come again and again, and 2 of 50 records came: "):
        taken(style, lambda request: answer({"content": [1, 2], "total": 50}), max_concurrency=max_concurrency)


def test_pages_of_equal_records_prove_nothing():
    """A measurement may stay the same for long."""
    same = ModelServer(40, total=40)

    def serve(request):
        return answer({"content": [0] * same.page(request).count, "total": 40})

    assert taken(STYLE, serve) == [0] * 40


def test_an_endless_list_ends_at_max_pages():
    style = CursorPagination(max_pages=5)
    pages = pages_of(style, lambda request: answer({"i": [], "next_cursor": request.params.get("cursor", 0) + 1}))

    assert [next(pages) for _ in range(5)] == [[]] * 5
    with pytest.raises(PaginationError, match=r"more than 5 pages, the most that pagination\.max_pages allows"):
        next(pages)


@pytest.mark.parametrize("total", [30, None])
def test_a_list_of_just_max_pages_is_fine(total):
    style = PageNumberPagination(size=10, total="total", max_pages=3)

    assert taken(style, ModelServer(30, total=total).page) == [*range(30)]
    assert taken(style, ModelServer(30, total=total, past_end="last").page) == [*range(30)]


def test_records_are_looked_for_where_the_first_page_had_them():
    """Another array on a later page is not taken for the records."""
    pages = [{"content": [1], "next_cursor": "a"}, {"content": None, "errors": [], "next_cursor": "b"}, {"errors": [9]}]
    served = iter(pages)
    walk = pages_of(CursorPagination(), lambda request: answer(next(served)))

    assert [next(walk), next(walk)] == [[1], []]
    with pytest.raises(ResponseError, match="nothing at 'content'"):
        next(walk)


def test_a_path_that_was_given_is_used_on_each_page():
    pages = iter([{"a": [1], "b": [2], "next_cursor": "x"}, {"a": [3], "b": [4]}])

    assert taken(CursorPagination(), lambda request: answer(next(pages), records="b")) == [2, 4]


def test_a_doubt_is_told_of_a_first_page_only():
    walk = Paginator(CursorPagination())
    walk.take(answer({"i": [1]}))
    assert "next_cursor" in walk.warning

    walk = Paginator(CursorPagination())
    walk.take(answer({"i": [1], "next_cursor": "a"}))
    walk.take(answer({"i": [1]}))
    assert walk.warning is None


@pytest.mark.parametrize("pages", [0, 1, 2])
@pytest.mark.parametrize("style", [STYLE, OffsetPagination(limit=10)], ids=["page", "offset"])
def test_a_walk_goes_on_from_where_it_stood(style, pages):
    server = ModelServer(25, total=25)
    fetch = server.page if style is STYLE else server.window
    walk = Paginator(style)
    before = [record for _ in range(pages) for record in walk.take(fetch(walk.request)).records]

    resumed = Paginator.resumed(style, json.loads(json.dumps(walk.to_dict())))
    assert resumed.pages == pages
    while resumed.request is not None:
        before += resumed.take(fetch(resumed.request)).records
    assert [int(bytes(memoryview(record))) for record in before] == list(range(25))


def test_a_resumed_walk_knows_where_the_records_were_and_when_it_is_over():
    walk = Paginator(CursorPagination())
    walk.take(answer({"content": [1], "next_cursor": "a"}))
    resumed = Paginator.resumed(walk.style, walk.to_dict())
    with pytest.raises(ResponseError, match="nothing at 'content'"):
        resumed.take(answer({"errors": [1]}))

    walk.take(answer({"content": [2]}))
    assert Paginator.resumed(walk.style, walk.to_dict()).request is None


def test_a_request_survives_json():
    request = PageRequest({"a": 1}, {"b": [None]}, "https://h/x", records_before=7)

    saved = json.loads(json.dumps(request.to_dict()))
    assert PageRequest.from_dict(saved) == request
    assert PageRequest.from_dict(saved).records_before == 7


def test_a_walk_asks_for_nothing_twice():
    requests = asked(STYLE, ModelServer(35, total=35).page)

    assert len({json.dumps(request.to_dict()) for request in requests}) == len(requests) == 4
