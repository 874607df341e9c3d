"""Where a list ends though nobody says so, and where that would be to lose records: then it is an error that counts."""

import json

import pytest
from model_server import Counted, ModelServer, answer, asked, taken

from airflow_provider_orgauth.exceptions import PaginationError, ResponseError
from airflow_provider_orgauth.paging import (
    CallablePagination,
    CursorPagination,
    LinkPagination,
    OffsetPagination,
    PageAnswer,
    PageNumberPagination,
    SinglePage,
)
from airflow_provider_orgauth.paging.paginator import Paginator
from airflow_provider_orgauth.paging.repeats import Repeats

NUMBER = PageNumberPagination(size=10)


def ignoring(records, **about):
    """A server that gives the same whatever it is asked."""
    return Counted(lambda request: answer({"content": records, **about}))


@pytest.mark.parametrize("max_concurrency", [1, 4])
@pytest.mark.parametrize("style", [NUMBER, OffsetPagination(limit=10), PageNumberPagination(size_param=None)])
def test_one_record_on_a_server_that_ignores_the_page(style, max_concurrency):
    server = ignoring([{"id": 1}])

    assert taken(style, server, max_concurrency=max_concurrency) == [{"id": 1}]
    assert len(server.requests) <= 3


@pytest.mark.parametrize("count", [2, 7, 9])
def test_a_short_list_on_a_server_that_ignores_the_page(count):
    assert taken(NUMBER, ignoring([*range(count)])) == [*range(count)]


@pytest.mark.parametrize(
    ("style", "count", "way_out"),
    [
        (NUMBER, 10, "ask for fewer than 10 in a page"),
        (PageNumberPagination(size=1), 1, "ask for more than 1 in a page"),
        (PageNumberPagination(size=1000), 100, "ask for fewer than 100 in a page"),
        (PageNumberPagination(size=1000), 64, "ask for fewer than 64 in a page"),
        (PageNumberPagination(size_param=None), 2, "ask for fewer than 2 in a page"),
        (OffsetPagination(limit=3), 3, "ask for fewer than 3 in a page"),
    ],
)
def test_a_page_that_may_be_one_of_many_is_not_taken_for_the_list(style, count, way_out):
    """A misspelt parameter looks like that: what was read may be a part of the list."""
    server = ignoring([*range(count)])
    with pytest.raises(PaginationError) as caught:
        taken(style, server)

    said = str(caught.value)
    assert "the server ignores which page it is asked for, or these are all" in said
    assert f"(1 page with {count} record" in said
    assert "Check the parameter names in pagination" in said
    assert way_out in said
    assert len(server.requests) == 3


def test_the_ways_out_are_some():
    everything = [*range(10)]
    for size in range(1, 10):
        server = ModelServer(10, past_end="last")
        assert taken(PageNumberPagination(size=size), server.page) == everything
    assert taken(PageNumberPagination(size=2), ModelServer(1, past_end="last").page) == [0]
    assert taken(SinglePage(), ignoring(everything)) == everything


@pytest.mark.parametrize("style", [CursorPagination(), CallablePagination(lambda request, answer: {"after": 5})])
def test_a_misspelt_cursor_is_not_taken_for_the_end(style):
    with pytest.raises(PaginationError, match="come again and again"):
        taken(style, ignoring([1, 2], next_cursor="c2"))


@pytest.mark.parametrize("max_concurrency", [1, 4])
@pytest.mark.parametrize(
    ("about", "said"),
    [({"total": 50}, "20 of 50 records came"), ({"pages": 5}, "2 of 5 pages came"), ({"total": "50"}, "20 of 50")],
)
def test_what_has_not_come_is_an_error_however_the_list_seems_to_end(about, said, max_concurrency):
    style = PageNumberPagination(size=10, total="total", total_pages="pages")

    def serve(request):
        at = min(request.params["page"], 1) * 10
        return answer({"content": [*range(at, at + 10)], **about})

    with pytest.raises(PaginationError, match=said) as caught:
        taken(style, serve, max_concurrency=max_concurrency)
    assert "(2 pages with 20 records came before.)" in str(caught.value)


def test_a_total_that_a_repeated_page_would_fill_up_is_not_filled_up_with_it():
    with pytest.raises(PaginationError, match="2 of 4 records came"):
        taken(PageNumberPagination(size=2, total="total"), ignoring([1, 2], total=4))
    with pytest.raises(PaginationError, match="2 of 4 records came"):
        taken(OffsetPagination(limit=2), ignoring([1, 2], total=4))
    with pytest.raises(PaginationError, match="1 of 2 pages came"):
        taken(PageNumberPagination(size=2, total=None, total_pages="pages"), ignoring([1, 2], pages=2))


@pytest.mark.parametrize("style", [CursorPagination(total="total"), LinkPagination(next_url="next", total="total")])
def test_a_total_tells_the_end_from_a_misspelt_name(style):
    assert taken(style, ignoring([1, 2], total=2, next_cursor="c", next="/x")) == [1, 2]
    with pytest.raises(PaginationError, match="2 of 3 records came"):
        taken(style, ignoring([1, 2], total=3, next_cursor="c", next="/x"))


def test_a_link_that_leads_to_itself_is_the_servers_word_and_nobodys_misspelling():
    assert taken(LinkPagination(next_url="next"), ignoring([1, 2], next="/x")) == [1, 2]
    numbers = iter(range(99))
    with pytest.raises(PaginationError, match="come again and again"):
        taken(LinkPagination(next_url="next"), lambda _: answer({"i": [1, 2], "next": f"/x?page={next(numbers)}"}))


@pytest.mark.parametrize("size", [10, 2])
def test_pages_of_equal_records_prove_nothing_but_for_a_short_one(size):
    def serve(request):
        return answer({"content": [0] * (10 if request.params["page"] < 4 else size)})

    if size == 2:
        assert taken(NUMBER, serve) == [0] * 42
        return
    with pytest.raises(PaginationError, match=r"max_pages allows. \(20 pages with 200 records came before.\)"):
        taken(PageNumberPagination(size=10, max_pages=20), serve)


def test_a_window_that_overlaps_is_what_the_server_sent():
    """Where a server moves an offset back so that the window is full, records come twice, and then it ends."""
    everything = [*range(1, 8)]

    def serve(request):
        offset = min(request.params["offset"], len(everything) - 3)
        return answer(everything[offset : offset + 3])

    assert taken(OffsetPagination(limit=3), serve) == [1, 2, 3, 4, 5, 6, 5, 6, 7]
    assert [request.params["offset"] for request in asked(OffsetPagination(limit=3), serve)] == [0, 3, 6, 9, 12]


@pytest.mark.parametrize("stops", [{1}, {1, 2}, {2}])
def test_a_window_of_the_last_records_is_none_that_is_new_to_who_goes_on_in_the_middle_either(stops):
    server = ModelServer(3, past_end="clamp")
    style = OffsetPagination(limit=2)
    walk, records = Paginator(style), []
    while walk.request is not None:
        page = walk.take(server.window(walk.request))
        records += [] if page is None else page.decoded()
        if page is not None and page.number in stops:
            walk = Paginator.resumed(style, json.loads(json.dumps(walk.to_dict())))
    assert records == [0, 1, 2]


# "More" and "end"


@pytest.mark.parametrize(
    ("style", "following"),
    [
        (PageNumberPagination(size=1, more="more"), {}),
        (OffsetPagination(limit=1, more="more"), {}),
        (CursorPagination(more="more"), {"next_cursor": "c"}),
        (LinkPagination(next_url="next", more="more"), {"next": "/x"}),
        (CallablePagination(lambda request, answer: {"a": 1}, more="more"), {}),
        (PageNumberPagination(size=1, last="isLast"), {}),
        (LinkPagination(next_url="next", last="isLast"), {"next": "/x"}),
        (LinkPagination(next_url="next", more="header:X-More"), {"next": "/x"}),
    ],
)
@pytest.mark.parametrize("end", [False, "false", 0, "0", "No"])
def test_a_flag_ends_a_list_of_any_style(style, following, end):
    last = not end if isinstance(end, bool) else {"false": "True", "0": "1", "No": "yes"}.get(end, 1)
    served = iter([({"more": True, "isLast": None}, "true"), ({"more": end, "isLast": last}, str(end))])

    def serve(request):
        flags, header = next(served)
        return answer({"i": [header], **following, **flags}, x_more=header)

    assert len(taken(style, serve)) == 2


def test_more_goes_on_after_a_page_without_records_and_after_the_total():
    """As where a filter is laid over a page after it was cut."""
    pages = {0: [1], 1: [], 2: [2], 3: []}

    def serve(names):
        number = names.get("page", names.get("offset", 0))
        return answer({"i": pages[number], "total": 1, "more": number < 3})

    assert taken(PageNumberPagination(size=1, total="total", more="more"), lambda r: serve(r.params)) == [1, 2]
    assert taken(OffsetPagination(limit=1, more="more"), lambda r: serve(r.params)) == [1, 2]


def test_an_empty_page_may_be_the_end_though_there_is_a_cursor():
    """As that of a stream of events: it is good for what comes later, and ever new."""
    server = Counted(lambda request: answer({"i": [1] * (not request.params), "next_cursor": len(server.requests)}))

    assert taken(CursorPagination(empty_is_end=True), server) == [1]
    assert len(server.requests) == 2
    with pytest.raises(PaginationError, match="max_pages"):
        taken(CursorPagination(max_pages=5), server)


@pytest.mark.parametrize("found", ["perhaps", {"a": 1}, [], 2, 1.5])
def test_a_flag_that_is_none_is_an_error(found):
    with pytest.raises(PaginationError, match=r"at 'more' is neither true nor false\. Correct pagination\.more\."):
        taken(PageNumberPagination(more="more"), lambda _: answer({"i": [1], "more": found}, records="i"))


def test_more_to_come_without_a_link_is_an_error():
    with pytest.raises(PaginationError, match="says that there is more, and has no link at 'next'"):
        taken(LinkPagination(next_url="next", more="more"), lambda _: answer({"i": [1], "more": True}))


def test_a_status_that_means_the_end_is_none_where_records_are_missing():
    past = PageAnswer(b"", {}, end_status=404)

    def serve(total):
        return lambda request: past if request.params["page"] else answer({"content": [1] * 10, "total": total})

    style = PageNumberPagination(size=10, total="total", end_statuses=[404])
    assert taken(style, serve(None)) == [1] * 10
    with pytest.raises(PaginationError, match=r"answered 404, .* takes for the end .*, and 10 of 30 records came"):
        taken(style, serve(30))
    walk = Paginator(style)
    walk.take(serve(30)(walk.request))
    walk = Paginator.resumed(style, json.loads(json.dumps(walk.to_dict())))
    with pytest.raises(PaginationError, match="10 of 30 records came"):
        walk.take(past)


# What is remembered


def test_an_error_on_the_way_says_how_much_came():
    pages = iter([{"content": [1, 2, 3]}, {"error": {"message": "no"}}])
    with pytest.raises(
        ResponseError, match=r"nothing at 'content' .* \(1 page with 3 records came before\.\) Say where"
    ):
        taken(NUMBER, lambda _: answer(next(pages)))


def test_a_page_that_is_held_back_is_asked_for_again_by_the_next_try():
    pages = [[1, 2], [3, 4], [3, 4], [5, 6], []]
    walk = Paginator(PageNumberPagination(size=2))
    for number in range(2):
        walk.take(answer(pages[number]))
    before = walk.to_dict()
    assert walk.take(answer(pages[2])) is None
    assert walk.to_dict() == before

    page = walk.take(answer(pages[3]))
    assert [bytes(memoryview(record)) for record in page.records] == [b"3", b"4", b"5", b"6"]
    assert (page.number, walk.pages, walk.records) == (4, 4, 8)
    assert walk.to_dict()["request"]["params"]["page"] == 4


def test_what_is_saved_of_a_long_list_stays_small():
    walk = Paginator(PageNumberPagination(size=2))
    for number in range(2000):
        walk.take(answer([number, -number - 1]))

    assert len(json.dumps(walk.to_dict())) < 1000


def test_a_known_end_costs_no_look_at_all_bytes_of_all_pages():
    repeats = Repeats()
    for number in range(5):
        repeats.observe([b"%d" % number], thorough=False)

    assert repeats.place_of([b"3"], thorough=False) is None
    assert repeats.place_of([b"3"], thorough=True) is None


def test_a_cursor_that_leads_back_to_the_start_has_closed_the_circle():
    """As Redis' SCAN: the cursor 0 is where one begins, and what the last page gives."""
    following = {None: "17", "17": "5", "5": "0", "0": "17"}
    pages = {None: [1, 2], "17": [3], "5": [4, 5], "0": [1, 2]}

    def serve(request):
        cursor = request.params.get("cursor")
        return answer({"keys": pages[cursor], "next_cursor": following[cursor]})

    assert taken(CursorPagination(), serve) == [1, 2, 3, 4, 5]


def test_the_beginning_again_by_ever_new_cursors_is_an_error():
    def serve(request):
        number = request.params.get("cursor", 0)
        return answer({"keys": [number % 3], "next_cursor": number + 1})

    with pytest.raises(PaginationError, match=r"those of the beginning come again, .* \(3 pages with 3 records"):
        taken(CursorPagination(), serve)
