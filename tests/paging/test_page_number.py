"""Pages by number: where they end, what is known ahead, and what a caller's query changes."""

import pytest
from model_server import ModelServer, answer, asked, taken

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.paging import PageNumberPagination, PageRequest
from airflow_provider_orgauth.paging.paginator import Paginator

STYLE = PageNumberPagination(size=10, total="total")


def numbers(requests):
    return [request.params["page"] for request in requests]


@pytest.mark.parametrize(("length", "pages"), [(0, [0]), (1, [0]), (10, [0]), (11, [0, 1]), (20, [0, 1])])
def test_with_a_total_the_last_page_is_known(length, pages):
    assert numbers(asked(STYLE, ModelServer(length, total=length).page)) == pages


@pytest.mark.parametrize(("length", "pages"), [(0, [0]), (1, [0, 1]), (10, [0, 1]), (20, [0, 1, 2])])
def test_without_a_total_an_empty_page_is_the_end(length, pages):
    assert numbers(asked(STYLE, ModelServer(length).page)) == pages


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(("length", "count"), [(0, 1), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_the_number_of_pages_says_where_the_end_is(first, length, count):
    style = PageNumberPagination(size=10, first_page=first, total=None, total_pages="pages")
    server = ModelServer(length, first=first, pages=-(-length // 10))

    assert numbers(asked(style, server.page)) == list(range(first, first + count))


def test_an_empty_page_before_the_last_one_is_not_the_end():
    style = PageNumberPagination(size=1, total=None, total_pages="pages")

    assert taken(style, ModelServer(3, pages=3, short=frozenset({1})).page) == [0, 2]


@pytest.mark.parametrize("about", [{"total": 0}, {"pages": 0}, {"total": 9, "pages": 0}])
def test_a_total_that_nobody_counted_ends_nothing(about):
    style = PageNumberPagination(size=10, total="total", total_pages="pages")

    assert taken(style, ModelServer(35, **about).page) == list(range(35))


def test_a_short_page_is_not_the_end():
    assert taken(STYLE, ModelServer(25, short=frozenset({0})).page) == [*range(9), *range(10, 25)]
    assert taken(STYLE, ModelServer(25, limit=3, total=25).page) == list(range(25))


def test_an_answer_without_a_body_is_the_end():
    assert taken(STYLE, ModelServer(20, past_end="204").page) == list(range(20))


def test_pages_are_known_ahead_by_the_size_of_the_first_one():
    server = ModelServer(25, limit=4, total=25)
    walk = Paginator(STYLE)
    walk.take(server.page(walk.request))

    ahead = list(walk.ahead())
    assert numbers(ahead) == [1, 2, 3, 4, 5, 6]
    assert [request.records_before for request in ahead] == [4, 8, 12, 16, 20, 24]


def test_without_a_total_nothing_is_known_ahead():
    walk = Paginator(STYLE)
    walk.take(ModelServer(25).page(walk.request))

    assert list(walk.ahead()) == []


def test_a_total_beyond_all_reason_costs_nothing():
    request = STYLE.first()
    ahead = STYLE.ahead(request, answer({"content": [1], "total": 10**18}))

    assert next(ahead) == PageRequest({"page": 1, "size": 10})


def test_the_query_says_size_and_page():
    style = STYLE.adopt({"size": "50", "page": 3, "filter": "x"})

    assert style.first() == PageRequest({"page": 3, "size": 50})
    assert STYLE.adopt({"filter": "x"}) == STYLE
    assert STYLE.adopt({"size": None, "page": None}) == STYLE  # as where requests leaves it out


def test_no_size_is_sent_where_there_is_no_name_for_it():
    style = PageNumberPagination(page_param="p", size_param=None)

    assert style.first() == PageRequest({"p": 0})
    assert style.adopt({"size": "x"}) == style


@pytest.mark.parametrize("value", ["x", "", "1.5", 1.5, True, 0, -1, [5], float("inf"), float("nan"), "9" * 5000])
def test_a_size_that_is_none_is_refused_by_its_name(value):
    with pytest.raises(ConfigurationError, match=r"^params\.size"):
        STYLE.adopt({"size": value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page_param", ""),
        ("page_param", None),
        ("size_param", 5),
        ("size", 0),
        ("size", True),
        ("size", "10"),
        ("first_page", -1),
        ("total", ""),
        ("total_pages", 3),
        ("max_pages", 0),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(field, value):
    with pytest.raises(ConfigurationError, match=rf"^pagination\.{field}"):
        PageNumberPagination(**{field: value})
