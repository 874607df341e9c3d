"""What a user writes: values, names, dicts and functions; and errors that say which field is wrong."""

import json

import pytest

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.paging import (
    CallablePagination,
    CursorPagination,
    LinkPagination,
    OffsetPagination,
    PageNumberPagination,
    SinglePage,
    pagination_of,
)
from airflow_provider_orgauth.paging.style_choice import STYLES


@pytest.mark.parametrize(
    ("given", "style"),
    [
        (None, SinglePage()),
        ("page_number", PageNumberPagination()),
        ("offset", OffsetPagination()),
        ("cursor", CursorPagination()),
        ("link", LinkPagination()),
        ("single", SinglePage()),
        ({}, PageNumberPagination()),
        ({"size": 5}, PageNumberPagination(size=5)),
        ({"max_pages": 5}, PageNumberPagination(max_pages=5)),
        ({"page_param": "p", "first_page": 1}, PageNumberPagination(page_param="p", first_page=1)),
        ({"limit": 5}, OffsetPagination(limit=5)),
        ({"offset_param": "skip", "total": None}, OffsetPagination("skip", total=None)),
        ({"cursor": "next"}, CursorPagination(cursor="next")),
        ({"cursor": "next", "size": 5, "size_param": "n"}, CursorPagination(cursor="next", size=5, size_param="n")),
        ({"next_url": "next"}, LinkPagination(next_url="next")),
        ({"rel": "more"}, LinkPagination(rel="more")),
        ({"type": "link", "total": "n"}, LinkPagination(total="n")),
        ({"type": "single"}, SinglePage()),
    ],
)
def test_ways_to_write_a_style(given, style):
    assert pagination_of(given) == style
    assert pagination_of(style) is style


def test_a_function_is_a_style():
    assert pagination_of(len) == CallablePagination(len)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_survives_json(name):
    style = pagination_of(name)

    assert pagination_of(json.loads(json.dumps(style.to_dict()))) == style


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("pages", "pagination.type: is 'pages'. Write one of page_number, offset, cursor, link, single."),
        ({"type": "callable"}, "pagination.type: is 'callable'"),
        ({"type": None}, "pagination.type: is 'None'"),
        (
            {"type": "link", "size": 5},
            "pagination: link has no field 'size'. It has empty_is_end, end_statuses, last, max_pages, more, ",
        ),
        ({"szie": 5}, "pagination: page_number has no field 'szie'. Did you mean 'size'?"),
        ({"type": "offset", "offset": 5}, "pagination: offset has no field 'offset'. Did you mean 'offset_param'?"),
        # The style that knows most of the fields says what is wrong.
        ({"cursor": "c", "cursor_parm": "x"}, "pagination: cursor has no field 'cursor_parm'. Did you mean"),
        ({"limit": 5, "offsetparam": "x"}, "pagination: offset has no field 'offsetparam'. Did you mean"),
        ({"type": "cursor", "size": 0}, "pagination.size: is not a whole number from 1"),
        ({1: 2}, "pagination: page_number has no field '1'"),
        ({"x" * 9999: 2}, "pagination: page_number has no field 'xxx"),
        (5, "pagination: is int"),
        (["link"], "pagination: is list"),
        (b"link", "pagination: is bytes"),
        (True, "pagination: is bool"),
        (PageNumberPagination, "pagination: is a class, not a style. Write PageNumberPagination() with brackets."),
    ],
)
def test_what_is_no_style_is_refused_with_the_fields_name(given, said):
    with pytest.raises(ConfigurationError) as caught:
        pagination_of(given)

    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) < 400
