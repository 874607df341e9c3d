"""One answer, and where it looks as if there were more."""

import json

import pytest

from airflow_provider_orgauth.paging import PageAnswer, SinglePage


def warning(body, headers=None, **arguments):
    content = b"" if body is None else json.dumps(body).encode()
    return SinglePage(**arguments).warning(PageAnswer(content, headers or {}))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ([1], {}),
        (None, {}),
        ([], {"Link": '</a>; rel="prev"'}),
        ({"a": [1, 2], "total": 2}, {}),
        ({"a": [1, 2], "total": "many", "last": True}, {}),
        ({"a": [1, 2], "total": 0, "last": None}, {}),
    ],
)
def test_there_is_no_more(body, headers):
    assert warning(body, headers) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"content": [1, 2], "totalElements": 2500}, "2 records of 2,500 (at 'totalElements')"),
        ({"content": [1], "page": {"totalElements": 2}}, "1 records of 2 (at 'page.totalElements')"),
        ({"a": [1], "last": False}, "there are more"),
    ],
)
def test_an_answer_that_knows_of_more(body, said):
    assert said in warning(body)


def test_a_link_to_more():
    assert "there are more" in warning([1], {"Link": '</a?page=2>; rel="next"'})


def test_a_total_that_was_named_is_the_one_that_counts():
    assert warning({"a": [1], "total": 5, "n": 1}, total="n") is None
    assert "of 3" in warning({"a": [1], "total": 1, "n": 3}, total="n")
