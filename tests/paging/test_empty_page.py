"""An answer without the array of records: an empty page, or an error; never records that are lost in silence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_server import answer, taken

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.paging import (
    CursorPagination,
    OffsetPagination,
    PageAnswer,
    PageNumberPagination,
    SinglePage,
)
from airflow_provider_orgauth.paging.paginator import Paginator

STYLES = [PageNumberPagination(total="found"), OffsetPagination(total="found"), CursorPagination(), SinglePage()]


def only_page(body, style=STYLES[0], *, records="items"):
    return taken(style, lambda _: answer(body, records=records))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": None},
        {"total": 0},
        {"total": 0, "found": 0, "page": 0, "size": 100, "has_more": False, "next_cursor": ""},
        {"kind": "devices#list", "etag": "x1", "requestId": "7"},
        {"_links": {"self": {"href": "/x", "title": "This"}}, "page": {"totalElements": 0, "totalPages": 0}},
        {"links": [{"rel": "self", "href": "/x"}]},
        {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0},
        {"code": 0, "msg": "success", "data": {}},
        {"status": "ok", "success": True, "error": None, "errors": None, "message": ""},
        {"content": [], "totalElements": 0},
    ],
)
def test_a_first_page_that_is_empty(body, style):
    assert only_page(body, style) == []


@pytest.mark.parametrize(
    "body",
    [
        {"content": [{"id": 1}]},
        {"content": []},
        {"data": {"items": [1]}},
        {"total": 5},
        {"found": 5},
        {"page": {"totalElements": 1}},
        {"total": 0, "content": [{"id": 1}]},  # a total that nobody counted
        {"id": 5, "online": True},
        {"device": {"name": "one"}},
        {"error": {"message": "no"}},
        {"error": "no"},
        {"errors": [{"message": "no"}]},
        {"data": None, "errors": [{"message": "no"}]},
        {"ok": False},
        {"success": False, "total": 0},
        {"message": "Rate limit exceeded"},
        {"code": 500, "msg": "internal error"},
        {"status": "error"},
        {"statusCode": 403},
        {"meta": {"error": "no"}},
        [],
        [1],
        "items",
        5,
    ],
)
def test_a_first_answer_that_is_no_empty_page(body):
    with pytest.raises(ResponseError, match=r"^records: the answer has nothing at 'items'.* Say where the records are"):
        only_page(body)


@pytest.mark.parametrize("body", [{"items": None, "error": "no"}, {"items": None, "errors": [{"message": "no"}]}])
def test_null_beside_an_error_is_no_empty_page(body):
    with pytest.raises(ResponseError, match="nothing at 'items'"):
        only_page(body)


@pytest.mark.parametrize("body", [{}, {"total": 0}, {"other": None}])
def test_where_nobody_knows_what_was_left_out_it_is_an_error(body):
    with pytest.raises(ResponseError, match="no array"):
        only_page(body, records=None)


FULL = {"items": [1, 2], "facets": [{"name": "a"}], "code": 1, "msg": "done", "total_size": 3}


def last_page(body, *, first=FULL, records="items", resumed=False):
    """Return the records of a list whose second page has this body."""
    walk = Paginator(PageNumberPagination(size=2))
    before = walk.take(answer(first, records=records))
    if resumed:
        walk = Paginator.resumed(walk.style, json.loads(json.dumps(walk.to_dict())))
    page = walk.take(answer(body, records=records))
    return before.records + page.records


@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": None},
        {"facets": [{"name": "a"}], "code": 1, "msg": "done", "total_size": 3},
        {"facets": [{"name": "b"}]},
        {"total": 3, "id": "answer 7"},
    ],
)
def test_a_last_page_without_the_array(body, resumed):
    assert len(last_page(body, resumed=resumed)) == 2


@pytest.mark.parametrize("resumed", [False, True])
def test_a_last_page_without_the_array_that_an_earlier_page_had(resumed):
    """Nobody said where the records are: the first page's one array was."""
    first = {"items": [1, 2], "code": 1}

    assert len(last_page({}, first=first, records=None, resumed=resumed)) == 2
    with pytest.raises(ResponseError, match="nothing at 'items'"):
        last_page({"facets": [1]}, first=first, records=None, resumed=resumed)


@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {"devices": [3]},
        {"code": 7, "msg": "done"},
        {"code": 1, "msg": "busy"},
        {"error": {"message": "no"}},
        {"message": "no such page"},
        {"items": None, "msg": "busy"},
    ],
)
def test_a_later_answer_that_is_no_page(body, resumed):
    with pytest.raises(ResponseError, match=r"nothing at 'items' .* \(1 page with 2 records came before\.\)"):
        last_page(body, resumed=resumed)


def test_a_cursor_goes_on_after_a_page_without_the_array():
    pages = {None: {"items": [1], "next_cursor": "a"}, "a": {"next_cursor": "b"}, "b": {"items": [2]}}

    assert taken(CursorPagination(), lambda request: answer(pages[request.params.get("cursor")])) == [1, 2]


def test_the_array_may_be_deeper_down():
    assert only_page({}, records="data.items") == []
    assert only_page({"data": {}}, records="data.items") == []
    assert only_page({"data": None}, records="data.items") == []
    with pytest.raises(ResponseError):
        only_page({"data": {"list": [1]}}, records="data.items")


def test_a_number_that_nothing_holds_beside_the_records_changes_nothing():
    walk = Paginator(PageNumberPagination(size=2))
    walk.take(PageAnswer(b'{"items": [1, 2], "total_size": 1e999}', {}))
    assert walk.take(PageAnswer(b"{}", {})).records == []


names = st.sampled_from(["content", "error", "message", "total", "code", "id", "data", "links", "ok"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(names, values, max_size=4))
def test_records_that_are_there_are_never_taken_for_an_empty_page(body):
    """Wherever a list of objects is, under another name than was said."""

    def holds_objects(value):
        if isinstance(value, list):
            return any(isinstance(one, dict) and "href" not in one for one in value) or any(map(holds_objects, value))
        return isinstance(value, dict) and any(
            holds_objects(one) for key, one in value.items() if key not in ("links", "_links")
        )

    try:
        records = only_page(body)
    except ResponseError:
        return
    assert records == []
    assert not any(holds_objects(value) for key, value in body.items() if key not in ("links", "_links"))
