"""Walks of every style on model servers: what a plain loop takes, at any concurrency; and an end on any server."""

import contextlib
import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from model_server import URL, Counted, ModelServer, answer, asked, pages_of, taken, taken_in_tries

from airflow_provider_orgauth.exceptions import PaginationError, ResponseError
from airflow_provider_orgauth.paging import (
    CallablePagination,
    CursorPagination,
    LinkPagination,
    OffsetPagination,
    PageAnswer,
    PageNumberPagination,
    PageRequest,
    SinglePage,
)
from airflow_provider_orgauth.paging.paginator import Paginator
from airflow_provider_orgauth.paging.raw import decode
from airflow_provider_orgauth.paging.style import sent

threads = settings(suppress_health_check=[HealthCheck.too_slow])
concurrency = st.sampled_from([1, 2, 3, 8])
lengths = st.integers(0, 60)
sizes = st.integers(1, 12)
limits = st.integers(1, 12) | st.just(1000)
firsts = st.sampled_from([0, 1])
totals = st.sampled_from(["right", "none", "zero", "less", "more", "far more"])


def said(kind, length):
    """What a server says there are."""
    return {"right": length, "none": None, "zero": 0, "less": length // 2, "more": length + 3, "far more": 10**17}[kind]


def plain_loop(pages, total):
    """Take pages until an empty one, or until the total that was said; one below the page itself is no total."""
    records = []
    for page in pages:
        records += page
        if not page or (total is not None and len(page) <= total <= len(records)):
            return records
    return records


@threads
@given(
    length=lengths,
    size=sizes,
    limit=limits,
    first=firsts,
    total=totals,
    short=st.frozensets(st.integers(0, 8), max_size=3),
    past_end=st.sampled_from(["empty", "204", "null", "left out"]),
    max_concurrency=concurrency,
)
@example(12, 6, 1000, 1, "right", frozenset(), "empty", 2)
def test_pages_by_number(length, size, limit, first, total, short, past_end, max_concurrency):
    server = ModelServer(length, limit, first, said(total, length), short=short, past_end=past_end)
    style = PageNumberPagination(size=size, first_page=first, total="total")
    said_so = replace(server, past_end="empty")
    pages = (
        [decode(record) for record in said_so.page(PageRequest({"page": number, "size": size})).records]
        for number in itertools.count(first)
    )

    # A first answer that has a total and no array is an error.
    assume(past_end != "left out" or not server.total or said_so.page(style.first()).count)
    expected = plain_loop(pages, server.total)
    assert taken(style, server.page, max_concurrency=max_concurrency) == expected
    if total in ("right", "more", "none") and not short:
        assert expected == list(range(length))


@threads
@given(
    length=lengths,
    size=sizes,
    limit=limits,
    first=firsts,
    short=st.frozensets(st.integers(0, 8)),
    max_concurrency=concurrency,
)
def test_a_number_of_pages_leaves_out_no_page(length, size, limit, first, short, max_concurrency):
    per_page = min(size, limit)
    server = ModelServer(length, limit, first, pages=-(-length // per_page), short=short)
    style = PageNumberPagination(size=size, first_page=first, total=None, total_pages="pages")

    left_out = {min((number + 1) * per_page, length) - 1 for number in short if number * per_page < length}
    expected = [record for record in range(length) if record not in left_out]
    assert taken(style, server.page, max_concurrency=max_concurrency) == expected


@threads
@given(
    length=lengths,
    size=sizes,
    limit=limits,
    first=firsts,
    total=totals,
    short=st.frozensets(st.integers(0, 6), max_size=3),
    past_end=st.sampled_from(["empty", "204", "null", "left out"]),
    max_concurrency=concurrency,
)
def test_pages_by_offset(length, size, limit, first, total, short, past_end, max_concurrency):
    server = ModelServer(length, limit, first, said(total, length), short=short, past_end=past_end)
    style = OffsetPagination(limit=size, first_offset=first)

    assume(length or past_end != "left out" or not server.total)
    records = taken(style, server.window, max_concurrency=max_concurrency)
    assert records == list(range(len(records)))
    if total in ("right", "more", "far more", "none"):
        assert len(records) == length


@given(
    length=lengths, size=sizes, limit=limits, first=firsts, by=st.sampled_from(["total", "pages"]), offset=st.booleans()
)
def test_what_a_regular_server_is_asked_is_known_after_the_first_page(length, size, limit, first, by, offset):
    server = ModelServer(
        length,
        limit,
        first,
        length if by == "total" else None,
        -(-length // min(size, limit)) if by == "pages" else None,
    )
    if offset:
        server = ModelServer(length, limit, first, length)
        style, fetch = OffsetPagination(limit=size, first_offset=first), server.window
    else:
        style = PageNumberPagination(size=size, first_page=first, total="total", total_pages="pages")
        fetch = server.page
    walk = Paginator(style)
    walk.take(fetch(walk.request))

    _, *rest = asked(style, fetch)
    ahead = list(walk.ahead())
    assert ahead == rest
    assert [request.records_before for request in ahead] == [request.records_before for request in rest]


def served_by(server, way):
    """Return a style of pages that lead from one to the next, and the server's function for it."""
    body = {
        "cursor": lambda cursor: {"next_cursor": cursor and f"c{cursor}"},
        "json": lambda cursor: {"next_cursor": cursor},
        "more": lambda cursor: {"next_cursor": cursor or "again", "more": cursor is not None},
        "next_url": lambda cursor: {"links": {"next": cursor and f"?cursor=c{cursor}"}},
        "function": lambda cursor: {"at": {"cursor": cursor}},
    }.get(way, lambda _: {})
    style = {
        "cursor": CursorPagination(),
        "json": CursorPagination(send_in="json"),
        "more": CursorPagination(more="more"),
        "header": CursorPagination(cursor_header="X-Next"),
        "link": LinkPagination(),
        "next_url": LinkPagination(next_url="links.next"),
        "function": CallablePagination(lambda _, page: (page.has("at.cursor") and page.value("at")) or None),
    }[way]

    def fetch(request):
        sent = request.params.get("cursor") or request.json.get("cursor") or (request.url or "").rpartition("=")[2]
        records, cursor = server.after(int(str(sent).strip("c") or 0))
        headers = {"link": f'<{URL}?cursor=c{cursor}>; rel="next"', "x-next": str(cursor)} if cursor else {}
        if way == "function" and cursor is None:
            return answer({"content": records})
        return answer({"content": records, **body(cursor)}, **headers)

    return style, fetch


@threads
@given(
    length=lengths,
    limit=st.integers(1, 12),
    way=st.sampled_from(["cursor", "json", "more", "header", "link", "next_url", "function"]),
    max_concurrency=concurrency,
)
def test_pages_that_lead_from_one_to_the_next(length, limit, way, max_concurrency):
    style, fetch = served_by(ModelServer(length, limit), way)

    pages = list(pages_of(style, fetch, max_concurrency=max_concurrency))
    assert [record for page in pages for record in page] == list(range(length))
    assert len(pages) == max(1, -(-length // limit))


# Ends that nobody says


def read_to_the_end(style, serve, ways):
    """Return the records, read in each of the ways: the same, with the same requests, but for what is fetched ahead."""
    counted = Counted(serve)
    records = taken(style, counted)
    for max_concurrency in ways["concurrency"]:
        assert taken(style, serve, max_concurrency=max_concurrency) == records
    for stop_after in ways["stops"]:
        assert taken_in_tries(style, serve, stop_after=stop_after) == records
    return records, len(counted.requests)


def ways_of(draw):
    return {"concurrency": [draw(concurrency)], "stops": [draw(st.integers(1, 4)), draw(st.integers(1, 4))]}


@threads
@given(
    data=st.data(),
    length=lengths,
    size=sizes,
    limit=limits,
    first=firsts,
    by=st.sampled_from(["nothing", "total", "pages"]),
    past_end=st.sampled_from(["empty", "204", "null", "left out", "404", "last", "first", "wrap"]),
    send_in=st.sampled_from(["query", "json"]),
)
def test_a_list_ends_with_each_record_once_and_two_requests_too_many_at_most(
    data, length, size, limit, first, by, past_end, send_in
):
    """By number, whatever the server gives to whoever asks for more than there is."""
    per_page = min(size, limit)
    count = -(-length // per_page)
    assume(length or past_end != "404")  # on a first page, it says nothing of a list
    # One page, again and again, is what a misspelt parameter looks like.
    can_be_full = per_page in (length, 10) and (length > 1 or size == 1)
    assume(not (by == "nothing" and count == 1 and past_end in ("last", "first", "wrap") and can_be_full))
    server = ModelServer(
        length,
        limit,
        first,
        total=length if by == "total" else None,
        pages=count if by == "pages" else None,
        past_end=past_end,
        send_in=send_in,
    )
    style = PageNumberPagination(
        size=size, first_page=first, total="total", total_pages="pages", send_in=send_in, end_statuses=[404]
    )

    records, requests = read_to_the_end(style, server.page, ways_of(data.draw))
    assert records == list(range(length))
    assert requests <= max(1, count) + 2


@threads
@given(
    data=st.data(),
    length=lengths,
    size=sizes,
    limit=limits,
    first=firsts,
    total=st.booleans(),
    past_end=st.sampled_from(["empty", "204", "null", "left out", "404", "clamp", "first"]),
    send_in=st.sampled_from(["query", "json"]),
)
def test_the_same_by_offset(data, length, size, limit, first, total, past_end, send_in):
    """A window of the last records is none that is new, though no page before was the same."""
    per_page = min(size, limit)
    count = -(-length // per_page)
    assume(length or past_end != "404")
    can_be_full = per_page in (length, 10) and (length > 1 or size == 1)
    assume(total or not (count == 1 and past_end in ("clamp", "first") and can_be_full))
    server = ModelServer(length, limit, first, total=length if total else None, past_end=past_end, send_in=send_in)
    style = OffsetPagination(limit=size, first_offset=first, send_in=send_in, end_statuses=[404])

    records, requests = read_to_the_end(style, server.window, ways_of(data.draw))
    assert records == list(range(length))
    assert requests <= max(1, count) + 2


@threads
@given(
    data=st.data(),
    length=st.integers(1, 40),
    limit=sizes,
    way=st.sampled_from(["itself", "first", "scroll", "scroll left out", "empty for ever", "last again"]),
    style=st.sampled_from(
        [CursorPagination(), CursorPagination(send_in="json"), LinkPagination(next_url="next_cursor")]
    ),
)
def test_the_same_where_pages_lead_from_one_to_the_next(data, length, limit, way, style):
    """The last page leads to itself or to the first one, or each page to itself while the server goes on."""
    pages = [list(range(length))[at : at + limit] for at in range(0, length, limit)]
    is_link = isinstance(style, LinkPagination)
    assume(is_link or len(pages) > 1 or length == 1 or way.startswith(("scroll", "empty")))  # else as a misspelt name

    def name(number):
        return f"/x?cursor={number}" if is_link else str(number)

    def asked_for(request):
        if is_link:
            return int((request.url or "").rpartition("=")[2] or 0)
        return int(sent(style.send_in, request).get("cursor", 0))

    def serve(request):
        number = min(asked_for(request), len(pages))
        if number == len(pages):
            return answer({"i": [] if way == "empty for ever" else pages[-1], "next_cursor": name(number)})
        following = {"itself": number, "first": 0, "empty for ever": number + 1, "last again": number + 1}.get(way, 0)
        return answer({"i": pages[number], "next_cursor": name(following if number + 1 == len(pages) else number + 1)})

    if way.startswith("scroll"):
        # The server keeps the place: the cursor names the scroll, and says nothing of the page.
        scrolled = Counted(
            lambda request: answer(
                {"i": pages[at], "next_cursor": name(7)}
                if (at := len(scrolled.requests) - 1) < len(pages)
                else {"next_cursor": name(7), **({} if way == "scroll left out" else {"i": []})}
            )
        )
        assert taken(style, scrolled) == list(range(length))
        assert len(scrolled.requests) <= len(pages) + 2
        return
    records, requests = read_to_the_end(style, serve, ways_of(data.draw))
    assert records == list(range(length))
    assert requests <= len(pages) + 2


@threads
@given(data=st.data(), before=st.integers(0, 5), after=st.integers(0, 5), stop_after=st.integers(1, 12))
def test_pages_that_happen_to_be_equal_are_data(data, before, after, stop_after):
    """Records without an id may be equal; only what comes then tells them from the end."""
    pages = [[number, -number] for number in range(1, before + 1)]
    pages += [[0, 1], [0, 1]]
    pages += [[number, -number] for number in range(10, 10 + after)]

    def serve(request):
        number = request.params["page"]
        return answer({"content": pages[number] if number < len(pages) else []})

    style = PageNumberPagination(size=2)
    expected = [record for page in pages for record in page]
    assert taken(style, serve) == expected
    assert taken(style, serve, max_concurrency=data.draw(concurrency)) == expected
    assert taken_in_tries(style, serve, stop_after=stop_after) == expected


@threads
@given(start=st.integers(1, 5), length=st.integers(2, 6), stop_after=st.integers(1, 20))
def test_a_circle_in_the_middle_is_found_within_two_requests(start, length, stop_after):
    """Pages ``start`` to the last lead to each other for ever; a walk that was resumed finds it a round later."""
    count = start + length

    def serve(request):
        number = int(request.params.get("cursor", 0))
        return answer({"i": [number], "next_cursor": str(number + 1 if number + 1 < count else start)})

    counted = Counted(serve)
    with pytest.raises(PaginationError, match=rf"in the middle of the list. \({count} pages with {count} records"):
        taken(CursorPagination(), counted)
    assert len(counted.requests) == count + 2
    with pytest.raises(PaginationError, match="in the middle of the list"):
        taken_in_tries(CursorPagination(), serve, stop_after=stop_after)


# Any server


names = st.sampled_from(["content", "total", "pages", "next_cursor", "next", "more"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 5)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["/x", "http://[", "\ud800"])
)
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(names, scalars, max_size=2)
bodies = (
    st.dictionaries(names, values, max_size=6).map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries(
        {"content": st.lists(scalars, max_size=3)}, optional={"total": st.integers(), "next": st.text()}
    ).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=9)
)
headers = st.dictionaries(
    st.sampled_from(["Link", "link", "X-Next"]),
    st.text(max_size=9) | st.integers().map("<?{}>; rel=next".format) | st.sampled_from(["<//[>; rel=next", "c1"]),
    max_size=2,
)
answers = st.lists(st.tuples(bodies, headers), min_size=1, max_size=6)
styles = st.sampled_from(
    [
        PageNumberPagination(total="total", total_pages="pages", max_pages=20),
        PageNumberPagination(total=None, first_page=1, max_pages=20),
        OffsetPagination(max_pages=20),
        CursorPagination(max_pages=20, total="total"),
        CursorPagination(max_pages=20, cursor_header="X-Next", more="more"),
        CursorPagination(max_pages=20, send_in="json", more="more"),
        LinkPagination(max_pages=20),
        LinkPagination(max_pages=20, next_url="next", total="total"),
        SinglePage(total="total"),
    ]
)


@threads
@given(
    style=styles,
    answers=answers,
    path=st.none() | st.sampled_from(["", "content"]),
    max_concurrency=st.sampled_from([1, 1, 3]),
)
def test_any_server_leads_to_an_end_or_to_one_of_two_errors(style, answers, path, max_concurrency):
    turn = itertools.cycle(answers)
    pages = 0

    def fetch(request):
        json.dumps(request.to_dict())
        content, about = next(turn)
        return PageAnswer(content, about, URL, records_path=path)

    with contextlib.suppress(PaginationError, ResponseError):
        for _ in pages_of(style, fetch, max_concurrency=max_concurrency):
            pages += 1
    assert pages <= style.max_pages + 1  # the last one without records
