"""Walks of every style on model servers: what a plain loop takes, at any concurrency; and an end on any server."""

import contextlib
import itertools
import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from model_server import URL, ModelServer, answer, asked, pages_of, taken

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
from airflow_provider_orgauth.paging.raw import decode
from airflow_provider_orgauth.paging.walk import Walk

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
    empty_is_204=st.booleans(),
    max_concurrency=concurrency,
)
@example(12, 6, 1000, 1, "right", frozenset(), False, 2)
def test_pages_by_number(length, size, limit, first, total, short, empty_is_204, max_concurrency):
    server = ModelServer(length, limit, first, said(total, length), short=short, empty_is_204=empty_is_204)
    style = PageNumberPagination(size=size, first_page=first, total="total")
    pages = (
        [decode(record) for record in server.page(PageRequest({"page": number, "size": size})).records]
        for number in itertools.count(first)
    )

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
    empty_is_204=st.booleans(),
    max_concurrency=concurrency,
)
def test_pages_by_offset(length, size, limit, first, total, short, empty_is_204, max_concurrency):
    server = ModelServer(length, limit, first, said(total, length), short=short, empty_is_204=empty_is_204)
    style = OffsetPagination(limit=size, first_offset=first)

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
    walk = Walk(style)
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
    assert pages <= style.max_pages
