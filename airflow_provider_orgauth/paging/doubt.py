"""Signs that an answer is the first of several pages, for who takes it for all there is."""

from __future__ import annotations

from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.link_header import link_target

_TOTALS = ("totalElements", "total", "totalCount", "total_count", "page.totalElements")
"""Where answers say how many records there are."""


def more_than_one_page(answer: PageAnswer, *, total: str | None = None) -> str | None:
    """Return what says that there are more pages, for a log; None where nothing does.

    :param total: the path of the total number of records; None: wherever it usually is.
    """
    for path in _TOTALS if total is None else (total,):
        number = answer.number(path)
        if number is not None and number > answer.count:
            return f"it holds {answer.count:,} records of {number:,} (at {path!r}): say in pagination how to go on"
    if answer.value("last") is False or link_target(answer.header("link") or "", "next") is not None:
        return "it says that there are more: say in pagination how to go on"
    return None
