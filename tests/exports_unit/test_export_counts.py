"""What came, against what the server said."""

import json

import pytest

from airflow_provider_orgauth.exceptions import IncompleteListError
from airflow_provider_orgauth.exports.export_counts import ExportCounts
from airflow_provider_orgauth.paging.paginator import Page


def tally_of(*pages):
    """Of pages as (records, total, kept)."""
    counts = ExportCounts()
    for number, (count, total, *kept) in enumerate(pages, 1):
        counts.observe(Page(number, [b""] * count, total), kept=kept[0] if kept else count)
    return counts


@pytest.mark.parametrize(
    ("pages", "problems"),
    [
        ([], []),
        ([(0, 0)], []),
        ([(2, 3), (1, 3)], []),
        ([(2, None), (1, None)], []),
        ([(2, 0), (1, 0), (0, 0)], []),
        ([(2, 4), (1, 0), (0, 0)], ["1 of 4 records did not come"]),
        ([(2, 3), (0, None), (1, 3)], []),
        ([(2, 3), (2, 4)], ["the total moved from 3 to 4 while it was read"]),
        (
            [(2, 3), (1, 4), (1, 3)],
            ["the total moved and is back at 3 while it was read", "1 records more came than the total of 3"],
        ),
        ([(2, 4), (2, 4, 1)], ["1 records came twice"]),
        ([(2, 1500), (1, 1500)], ["1,497 of 1,500 records did not come"]),
        ([(2, 1)], ["1 records more came than the total of 1"]),
    ],
)
def test_problems(pages, problems):
    counts = tally_of(*pages)

    assert counts.problems() == problems
    if problems:
        with pytest.raises(IncompleteListError, match=problems[0]):
            counts.require_complete()
    else:
        counts.require_complete()


def test_what_it_counts():
    counts = tally_of((3, 7, 2), (3, 8, 3), (1, None, 1))

    assert counts.to_dict() == {
        "pages": 3,
        "records": 6,
        "duplicates": 1,
        "total": 8,
        "total_at_start": 7,
        "total_changes": 1,
    }
    assert counts.missing == 1
    assert ExportCounts.from_dict(json.loads(json.dumps(counts.to_dict()))) == counts
