"""A page that has the shape of the page before is read in one pass, and as any other page is."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.paging import PageAnswer, PageNumberPagination
from airflow_provider_orgauth.paging.body import JsonBody
from airflow_provider_orgauth.paging.page_layout import PageLayout
from airflow_provider_orgauth.paging.paginator import Paginator
from airflow_provider_orgauth.paging.raw import Raw

KEYS = ["content", "total", "page", "a.b", "a", "", 'quo"te', "\ud800", "back\\slash"]
keys = st.sampled_from(KEYS)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
members = st.lists(st.tuples(keys, values), max_size=5)  # a key may come twice
PATHS = [*KEYS, "page.total", "content.a", "content.", "contents", "a.b.a", "content.content"]


def written(pairs) -> bytes:
    return ("{" + ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs) + "}").encode()


def seen(body: JsonBody) -> list[str]:
    """All that can be seen of a body, records first, as a walk does."""
    return [_said(read, path) for path in PATHS for read in (body.array, body.value)]


def _said(read, path) -> str:
    try:
        found = read(path)
    except ResponseError as error:
        return str(error)
    if isinstance(found, list):
        found = [bytes(memoryview(one)) if isinstance(one, Raw) else one for one in found]
    return repr(found)


@given(first=members, second=members, records=keys, flaw=st.sampled_from([b"", b"", b"]", b"\xff"]))
@example(first=[("content", [1])], second=[("content", [1]), ("content", [2, 3])], records="content", flaw=b"")
@example(first=[("content", [1]), ("a", 1)], second=[("content", None), ("a", 1)], records="content", flaw=b"")
@example(first=[("a", [1]), ("a.b", 5)], second=[("a", [1]), ("a.b", 6)], records="a", flaw=b"")
def test_what_is_expected_changes_nothing_of_what_is_read(first, second, records, flaw):
    content = written(second) + flaw
    layout = JsonBody(written([*first, (records, [])])).layout(records)
    assert (layout is None) == (records == "")  # the empty path is the whole answer, even where there is an empty key
    try:
        plain, expecting = JsonBody(content), JsonBody(content)
    except ResponseError:
        return
    if layout is not None:
        expecting.expect(layout)

    assert seen(expecting) == seen(plain)


def test_one_pass_is_enough_for_a_page_like_the_one_before():
    style = PageNumberPagination(size=2)
    walk = Paginator(style)
    answers = [
        PageAnswer(json.dumps({"content": [page, page + 0.5], "totalElements": 6}).encode(), {}) for page in range(3)
    ]
    for answer in answers:
        walk.take(answer)

    assert ["top" in vars(answer._body) for answer in answers] == [True, False, False]  # opened on its own, or not


def test_the_shape_grows_with_the_keys_that_come():
    layout = JsonBody(b'{"content": [], "total": 1}').layout("content")
    body = JsonBody(b'{"content": [1], "next": 2}')
    body.expect(layout)
    wider = body.layout("content")
    later = JsonBody(b'{"next": 3, "total": 1, "content": [4]}')
    later.expect(wider)

    assert later.value("next") == 3
    assert later.layout("content") is wider
    assert "top" not in vars(later)


def test_a_list_whose_pages_have_keys_of_their_own_is_read_as_ever_and_the_shape_stays_small():
    layout = None
    for page in range(2 * PageLayout.MAX_KEYS):
        body = JsonBody(json.dumps({"content": [page], f"k{page}": page}).encode())
        if layout is not None:
            body.expect(layout)
        assert [bytes(memoryview(record)) for record in body.array("content")] == [str(page).encode()]
        assert body.value(f"k{page}") == page
        before, layout = layout, body.layout("content")

    assert layout is before
    assert len(layout._keys) == PageLayout.MAX_KEYS + 1


@pytest.mark.parametrize(
    "keys",
    [["content", *map(str, range(PageLayout.MAX_KEYS))], ["content", 'a"b'], ["content", "a\\b"], ["content", "\n"]],
)
def test_keys_that_help_nobody_are_read_as_ever(keys):
    content = json.dumps({key: [1] if key == "content" else 2 for key in keys}).encode()
    body = JsonBody(content)
    body.expect(body.layout("content"))

    assert [bytes(memoryview(record)) for record in body.array("content")] == [b"1"]
    assert body.value(keys[1]) == 2
