"""Signs that an answer is one page of a longer list."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.paging import PageAnswer, SinglePage
from airflow_provider_orgauth.paging.truncation import names_a_page, sign_in_answer, without_records

MORE = [
    {"content": [1, 2], "totalElements": 3},
    {"content": [1, 2], "totalElements": "3"},
    {"content": [1, 2], "last": False},
    {"content": [1, 2], "page": {"totalElements": 3, "number": 0}},
    {"content": [1, 2], "page": {"totalPages": 2, "number": 0}},
    {"items": [1], "total": 2},
    {"count": 137, "next": "https://x/?page=2", "results": [1]},
    {"count": 1, "next": "/things?page=2", "results": [1]},
    {"items": [1], "has_more": True},
    {"items": [1], "hasMore": True},
    {"data": [1], "has_more": "true"},
    {"items": [], "has_more": True},
    {"items": [1], "nextPageToken": "abc"},
    {"items": [1], "next_page_token": "abc"},
    {"items": [1], "next_cursor": 17},
    {"value": [1], "@odata.nextLink": "https://x/?$skiptoken=2"},
    {"value": [1], "@odata.count": 2},
    {"d": {"results": [1], "__next": "https://x/?$skiptoken=2"}},
    {"data": [1], "links": {"next": "https://x/?page=2", "prev": None}},
    {"data": [1], "included": [1, 2], "links": {"next": {"href": "https://x/?page=2"}}},
    {"_embedded": {"devices": [1]}, "_links": {"next": {"href": "https://x/?page=2"}}},
    {"items": [1], "links": [{"rel": "self", "href": "/a"}, {"rel": "next", "href": "/b"}]},
    {"results": [1], "paging": {"next": {"after": "17", "link": "?after=17"}}},
    {"data": [1], "meta": {"next_cursor": "abc"}},
    {"data": [1], "meta": {"pagination": {"total": 2, "pages": 2}}},
    {"members": [1], "response_metadata": {"next_cursor": "dXNlcjpVMDYx"}},
    {"data": {"items": [1], "total": 2}},
    {"data": {"items": [1], "pageInfo": {"hasNextPage": True}}},
    {"hits": {"total": {"value": 10, "relation": "eq"}, "hits": [1]}},
    {"records": [1], "done": False, "nextRecordsUrl": "/services/data/v1/query/01g-2000"},
    {"Contents": [1], "IsTruncated": True},
    {"id": "list-7", "items": [1], "totalElements": 2},
    {"id": "list-7", "items": [1], "has_more": True},
    {"id": "list-7", "items": [1], "nextPageToken": "abc"},
    {"startAt": 0, "maxResults": 1, "isLast": False, "values": [1]},
]
ALL = [
    {"content": [1, 2], "totalElements": 2, "last": True, "totalPages": 1},
    {"content": [1, 2], "totalElements": 0},
    {"content": [], "totalElements": 0},
    {"items": [1], "total": 12.5},
    {"items": [1], "total": None, "next": None, "has_more": False, "next_cursor": "", "nextPageToken": None},
    {"items": [1], "links": {"next": None, "self": "/a"}},
    {"items": [1], "_links": {"next": {"href": None}}},
    {"items": [1], "next": "approve"},
    {"items": [1], "last": "Smith", "first": "Anna"},
    {"items": [1], "last": 0},
    {"items": [1], "response_metadata": {"next_cursor": ""}},
    {"items": [1], "pages": 300},
    {"items": [1], "total": True},
    {"total": 1500, "currency": "EUR"},
    {"id": 1, "customer": {"total": 9}},
    {"id": 1, "total": 1500, "lines": [1, 2, 3]},
    {"id": "in_1", "total": 1000, "discounts": [], "lines": {"data": [1], "has_more": False}},
    {"id": 1, "name": "boiler", "count": 12, "tags": ["a"]},
    {"id": 1, "pageCount": 12, "tags": ["a"]},
    {"uuid": "a", "metadata": {"pages": 300}, "authors": ["b"]},
    {"id": 1, "tags": [], "_links": {"self": {"href": "/devices/1"}, "next": {"href": "/devices/2"}}},
    {"ID": 1, "next": "/jobs/1/next", "steps": [], "last": False},
    [1, 2],
    "text",
    None,
    7,
]


def none(name):
    return None


def path_in(answer):
    """Where the records are, if at the top."""
    paths = ("content", "items", "results", "data", "value", "members", "records", "Contents", "values")
    return next((path for path in paths if isinstance(answer.get(path), list)), None)


@pytest.mark.parametrize("answer", MORE, ids=json.dumps)
def test_an_answer_that_says_that_there_is_more(answer):
    assert sign_in_answer(answer, none)


@pytest.mark.parametrize(("answer", "path"), [(answer, path) for answer in MORE if (path := path_in(answer))])
def test_a_list_sees_the_same_in_its_only_page(answer, path):
    assert SinglePage().warning(PageAnswer(json.dumps(answer).encode(), {}, records_path=path))


@pytest.mark.parametrize("answer", ALL, ids=json.dumps)
def test_an_answer_that_does_not(answer):
    assert sign_in_answer(answer, none) is None


def test_a_plain_total_of_what_was_written_may_be_about_money():
    assert sign_in_answer({"items": [1, 2, 3], "total": 1500}, none, vague=False) is None
    assert sign_in_answer({"items": [1, 2, 3], "totalElements": 1500}, none, vague=False)
    assert sign_in_answer({"items": [1, 2, 3], "hasMore": True}, none, vague=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Link", '</a?page=2>; rel="next"'),
        ("X-Total-Count", "3"),
        ("X-Next-Page", "2"),
        ("Content-Range", "items 0-1/3"),
    ],
)
def test_headers_say_it_too(name, value):
    assert sign_in_answer([1, 2], {name: value}.get)
    assert SinglePage().warning(PageAnswer(b"[1, 2]", {name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("Link", '</a>; rel="prev"'), ("X-Total-Count", "2"), ("X-Next-Page", ""), ("Content-Range", "items 0-1/2")],
)
def test_headers_that_do_not(name, value):
    assert sign_in_answer([1, 2], {name: value}.get) is None


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": "3", "size": 1},
        {"pageNumber": 1},
        {"page[number]": 1},
        {"$skip": 0},
        {"offset": 0},
        {"cursor": "x"},
        {"page_token": "x"},
        [("size", 1), ("page", 2)],
        "size=1&page=2",
        b"page=2",
        "/devices?page=2",
        {"startAt": 0},
    ],
)
def test_a_query_that_names_the_page(query):
    assert names_a_page(query)
    assert names_a_page(None, query)


@pytest.mark.parametrize("query", [None, {}, {"size": 5}, {"page": None}, {"page[size]": 5}, {"since": 1}, "", [], 5])
def test_a_query_that_does_not(query):
    assert not names_a_page(query)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)
names = st.sampled_from(["next", "total", "links", "meta", "last", "has_more", "page", "data", "count", "nextPage"])


@given(st.dictionaries(names, json_values) | json_values)
def test_any_json_has_a_sign_or_none(answer):
    sign = sign_in_answer(answer, none)
    assert sign is None or "more" in sign or "records of" in sign or "pages" in sign
    # What is left without the records is JSON too, and what has a sign has records.
    json.dumps(without_records(answer))
    assert sign is None or sign_in_answer(without_records(answer), none)
    content = json.dumps({"records": [], "meta": answer}).encode()
    warning = SinglePage().warning(PageAnswer(content, {}, records_path="records"))
    assert warning is None or isinstance(warning, str)
