"""Pages by cursor: where it is, where it goes, and where it ends."""

import pytest
from model_server import answer, asked, taken

from airflow_provider_orgauth.exceptions import ConfigurationError, PaginationError
from airflow_provider_orgauth.paging import CursorPagination, PageRequest

FIRST = PageRequest()


def following(style, value, **headers):
    return style.next(style.first(), answer(value, **headers))


def test_the_answers_cursor_goes_into_the_next_query():
    style = CursorPagination(cursor="meta.next", cursor_param="after", size_param="limit", size=50)

    assert style.first() == PageRequest({"limit": 50})
    assert following(style, {"items": [1], "meta": {"next": "a=b&c"}}) == PageRequest({"after": "a=b&c", "limit": 50})


def test_it_may_be_in_a_header():
    style = CursorPagination(cursor_header="X-Next-Cursor")

    assert following(style, [1], x_next_cursor="c2") == PageRequest({"cursor": "c2"})
    assert following(style, [1], x_next_cursor="") is None
    assert following(style, [1]) is None


def test_it_may_go_into_the_json_body():
    style = CursorPagination(send_in="json", size_param="size", size=5)

    assert style.first() == PageRequest(json={"size": 5})
    assert following(style, {"items": [], "next_cursor": 7}) == PageRequest(json={"cursor": 7, "size": 5})


@pytest.mark.parametrize("end", [None, "", False, 0, {}, []])
def test_without_a_cursor_it_is_the_end(end):
    assert following(CursorPagination(), {"items": [1], "next_cursor": end}) is None
    assert following(CursorPagination(), {"items": [1]}) is None


@pytest.mark.parametrize("end", [False, "false"])
def test_a_flag_may_say_the_end_though_there_is_a_cursor(end):
    style = CursorPagination(more="has_more")

    assert following(style, {"items": [1], "next_cursor": "c", "has_more": end}) is None
    assert following(style, {"items": [1], "next_cursor": "c", "has_more": True}) is not None
    assert following(style, {"items": [1], "next_cursor": "c"}) is not None


def test_a_page_without_records_is_not_the_end():
    pages = {None: ([1], "a"), "a": ([], "b"), "b": ([2], None)}

    def serve(request):
        records, cursor = pages[request.params.get("cursor")]
        return answer({"items": records, "next_cursor": cursor})

    assert taken(CursorPagination(), serve) == [1, 2]


@pytest.mark.parametrize("value", [{"next": "c"}, ["c"], True, "\ud800"])
def test_what_cannot_be_a_cursor_is_an_error_not_the_end(value):
    with pytest.raises(PaginationError, match=r"^The answer has no text or number at 'next_cursor'"):
        following(CursorPagination(), {"items": [1], "next_cursor": value})


@pytest.mark.parametrize("more", [True, "true"])
@pytest.mark.parametrize("value", [{}, {"next_cursor": None}, {"next_cursor": ""}])
def test_more_to_come_without_a_cursor_is_an_error_not_the_end(more, value):
    with pytest.raises(PaginationError, match="where its next cursor should be"):
        following(CursorPagination(more="more"), {"items": [1], "more": more, **value})


def test_a_first_answer_without_any_cursor_is_doubtful():
    assert "'next_cursor'" in CursorPagination().warning(answer({"items": [1]}))
    assert CursorPagination().warning(answer({"items": [1], "next_cursor": None})) is None
    assert CursorPagination(more="more").warning(answer({"items": [1], "more": False})) is None
    assert CursorPagination(cursor_header="X-Next").warning(answer([1])) is None


def test_the_query_says_the_size_and_may_say_the_first_cursor():
    style = CursorPagination(size_param="limit").adopt({"limit": "7", "cursor": "c5"})

    assert style.first() == PageRequest({"limit": 7})
    assert CursorPagination().adopt({"limit": "x"}) == CursorPagination()
    assert CursorPagination(size_param="limit").adopt({"limit": None}).size == 1000


def test_a_loop_of_cursors_without_records_is_an_error():
    ring = {None: "a", "a": "b", "b": "c", "c": "a"}
    with pytest.raises(PaginationError, match=r"go in circles: .* \(3 pages with 0 records came before"):
        asked(CursorPagination(), lambda request: answer({"i": [], "next_cursor": ring[request.params.get("cursor")]}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cursor", ""),
        ("cursor_param", None),
        ("cursor_header", ""),
        ("send_in", "header"),
        ("more", ""),
        ("size", 0),
        ("size_param", ""),
        ("total", 1),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(field, value):
    with pytest.raises(ConfigurationError, match=rf"^pagination\.{field}"):
        CursorPagination(**{field: value})
