"""Pages by link, in a header or in the JSON; and by a function."""

import pytest
from model_server import URL, answer, taken

from airflow_provider_orgauth.exceptions import ConfigurationError, PaginationError
from airflow_provider_orgauth.paging import CallablePagination, LinkPagination, PageRequest, SinglePage


def following(style, value, **headers):
    request = style.next(style.first(), answer(value, **headers))
    return request and request.url


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://fra1.example/api/v1/things?page=2", "https://fra1.example/api/v1/things?page=2"),
        ("/api/v1/things?page=2", "https://fra1.example/api/v1/things?page=2"),
        ("?page=2", "https://fra1.example/api/v1/things?page=2"),
        ("more/2", "https://fra1.example/api/v1/more/2"),
        # Where it leads is judged by whoever sends the request.
        ("//evil.example/x", "https://evil.example/x"),
    ],
)
def test_a_link_is_relative_to_where_it_came_from(target, url):
    assert following(LinkPagination(), [1], link=f'<{target}>; rel="next"') == url
    assert following(LinkPagination(next_url="links.next"), {"a": [1], "links": {"next": f" {target} "}}) == url


@pytest.mark.parametrize("end", [None, "", " ", False, {}, []])
def test_without_a_link_it_is_the_end(end):
    assert following(LinkPagination(next_url="next"), {"a": [1], "next": end}) is None
    assert following(LinkPagination(next_url="next"), {"a": [1]}) is None
    assert following(LinkPagination(), [1]) is None
    assert following(LinkPagination(), [1], link='<x>; rel="prev"') is None


def test_another_relation_type():
    style = LinkPagination(rel="next-archive")

    assert following(style, [1], link="<a>; rel=next, <b>; rel=NEXT-archive") == URL.replace("things", "b")


@pytest.mark.parametrize("value", [{"href": "/x"}, ["/x"], 5, True])
def test_what_cannot_be_a_link_is_an_error_not_the_end(value):
    with pytest.raises(PaginationError, match=r"no text at '_links\.next'.*\n?.*_links\.next\.href"):
        following(LinkPagination(next_url="_links.next"), {"a": [1], "_links": {"next": value}})


@pytest.mark.parametrize("value", ["http://[::1", "//[", "/\ud800"])
def test_what_is_no_url_is_an_error(value):
    with pytest.raises(PaginationError, match="is no URL"):
        following(LinkPagination(next_url="next"), {"a": [1], "next": value})
    with pytest.raises(PaginationError, match="is no URL"):
        CallablePagination(lambda *_: value).next(PageRequest(), answer([]))


def test_a_first_answer_without_any_link_is_doubtful_where_one_was_named():
    assert "'next'" in LinkPagination(next_url="next").warning(answer({"a": [1]}))
    assert LinkPagination(next_url="next").warning(answer({"a": [1], "next": None})) is None
    assert LinkPagination().warning(answer([1])) is None


@pytest.mark.parametrize("field", ["rel", "next_url", "total"])
def test_a_wrong_field_is_refused_by_its_name(field):
    with pytest.raises(ConfigurationError, match=rf"^pagination\.{field}"):
        LinkPagination(**{field: ""})


@pytest.mark.parametrize(
    ("found", "request_"),
    [
        ({"after": 3}, PageRequest({"after": 3})),
        ("?after=3", PageRequest(url=f"{URL}?after=3")),
        (PageRequest(json={"after": 3}), PageRequest(json={"after": 3})),
        (None, None),
    ],
)
def test_a_function_may_say_it_in_four_ways(found, request_):
    made = CallablePagination(lambda request, page: found).next(PageRequest(records_before=5), answer([1, 2]))

    assert made == request_
    assert made is None or made.records_before == 7


@pytest.mark.parametrize("found", [5, True, [("a", 1)], {1: "a"}, b"x"])
def test_a_function_that_says_something_else_is_refused(found):
    with pytest.raises(ConfigurationError, match="the function returned"):
        CallablePagination(lambda *_: found).next(PageRequest(), answer([]))


def test_a_function_is_no_json_and_what_is_no_function_is_refused():
    with pytest.raises(ConfigurationError, match="is a function"):
        CallablePagination(lambda *_: None).to_dict()
    with pytest.raises(ConfigurationError, match=r"^pagination\.next_page"):
        CallablePagination("next")


def test_a_single_page_is_all():
    assert taken(SinglePage(), lambda request: answer([1, 2])) == [1, 2]
    assert SinglePage(total="n").total_of(answer({"a": [], "n": "12"})) == 12
