"""Pages by offset and limit."""

import pytest
from model_server import ModelServer, answer, asked, taken

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.paging import OffsetPagination, PageRequest
from airflow_provider_orgauth.paging.paginator import Paginator

STYLE = OffsetPagination(limit=10)


def offsets(requests):
    return [request.params["offset"] for request in requests]


@pytest.mark.parametrize(("length", "at"), [(0, [0]), (10, [0]), (11, [0, 10]), (20, [0, 10])])
def test_with_a_total_the_last_page_is_known(length, at):
    assert offsets(asked(STYLE, ModelServer(length, total=length).window)) == at


@pytest.mark.parametrize(("length", "at"), [(0, [0]), (10, [0, 10]), (11, [0, 10, 11])])
def test_without_a_total_an_empty_page_is_the_end(length, at):
    assert offsets(asked(STYLE, ModelServer(length).window)) == at


def test_the_next_offset_is_what_came_not_what_was_asked_for():
    assert offsets(asked(STYLE, ModelServer(10, limit=4, total=10).window)) == [0, 4, 8]


@pytest.mark.parametrize("length", [9, 10, 11, 20, 21])
def test_offsets_that_count_from_one_lose_no_last_record(length):
    style = OffsetPagination("startIndex", "count", limit=10, first_offset=1, total="totalResults")

    def scim(request):
        start = request.params["startIndex"] - 1
        records = list(range(length))[start : start + 10]
        return answer({"Resources": records, "totalResults": length})

    assert taken(style, scim) == list(range(length))
    assert taken(style, scim, max_concurrency=4) == list(range(length))
    assert len(asked(style, scim)) == -(-length // 10)


def test_a_total_that_nobody_counted_ends_nothing():
    assert taken(STYLE, ModelServer(35, total=0).window) == list(range(35))


def test_the_rest_is_known_ahead():
    server = ModelServer(25, limit=8, total=25)
    walk = Paginator(STYLE)
    walk.take(server.window(walk.request))

    ahead = list(walk.ahead())
    assert offsets(ahead) == [8, 16, 24]
    assert [request.records_before for request in ahead] == [8, 16, 24]


def test_without_a_total_nothing_is_known_ahead():
    walk = Paginator(STYLE)
    walk.take(ModelServer(25).window(walk.request))

    assert list(walk.ahead()) == []


def test_the_query_says_limit_and_offset():
    style = STYLE.adopt({"limit": "50", "offset": "30"})

    assert style.first() == PageRequest({"offset": 30, "limit": 50})
    assert STYLE.adopt({"limit": None, "offset": None}) == STYLE
    assert taken(style, ModelServer(100, total=100).window) == list(range(30, 100))
    assert OffsetPagination(limit_param=None).adopt({"limit": "x"}).first() == PageRequest({"offset": 0})


@pytest.mark.parametrize(("name", "value"), [("limit", 0), ("limit", "x"), ("offset", -1), ("offset", "1e3")])
def test_a_query_that_is_no_number_is_refused_by_its_name(name, value):
    with pytest.raises(ConfigurationError, match=rf"^params\.{name}"):
        STYLE.adopt({name: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("offset_param", ""), ("limit_param", ""), ("limit", 0), ("first_offset", -1), ("total", ""), ("max_pages", 1.5)],
)
def test_a_wrong_field_is_refused_by_its_name(field, value):
    with pytest.raises(ConfigurationError, match=rf"^pagination\.{field}"):
        OffsetPagination(**{field: value})
