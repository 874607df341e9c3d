"""A walk that begins in the middle of a list: the list's total is not its own."""

import pytest

from airflow_provider_orgauth.paging import OffsetPagination, PageAnswer, PageNumberPagination

ANSWER = PageAnswer(b'{"content": [1, 2], "totalElements": 50, "total": 50}', {}, records_path="content")


@pytest.mark.parametrize(
    ("style", "params", "total"),
    [
        (PageNumberPagination(), {}, 50),
        (PageNumberPagination(first_page=1), {}, 50),
        (PageNumberPagination(), {"page": 3}, None),
        (OffsetPagination(), {}, 50),
        (OffsetPagination(), {"offset": "20"}, None),
    ],
)
def test_its_total(style, params, total):
    assert style.adopt(params).total_of(ANSWER) == total
