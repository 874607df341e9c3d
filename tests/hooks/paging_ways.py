"""The ways in which lists of the paging server go on, and how they end: each with what is told of it to the hook."""

from __future__ import annotations

import json

from airflow_provider_orgauth.paging import (
    CallablePagination,
    CursorPagination,
    LinkPagination,
    OffsetPagination,
    PageNumberPagination,
)

NUMBER = PageNumberPagination(size=10)


def starting_after(request, answer):
    if answer.value("has_more"):
        last = json.loads(bytes(memoryview(answer.records[-1])))
        return {"starting_after": last["id"]}
    return None


STYLES = {
    "number": (NUMBER, {}),
    "number_from_one": (PageNumberPagination(size=10, first_page=1, total="count"), {}),
    "number_of_pages": (
        PageNumberPagination(size=10, first_page=1, total=None, total_pages="page.totalPages"),
        {"records": "items"},
    ),
    "no_total": (PageNumberPagination(size=10), {}),
    "empty_is_204": (PageNumberPagination(size=10), {}),
    "offset": (OffsetPagination(limit=10), {}),
    "offset_no_total": (OffsetPagination(limit=10), {}),
    "scim": (
        OffsetPagination("startIndex", "count", limit=10, first_offset=1, total="totalResults"),
        {"records": "Resources"},
    ),
    "cursor": (CursorPagination(cursor="cursors.next"), {}),
    "cursor_in_header": (CursorPagination(cursor_header="X-Next-Cursor", cursor_param="after"), {}),
    "search": (
        CursorPagination(cursor="meta.cursor", more="meta.more", send_in="json"),
        {"method": "POST", "json": {"filter": {"name": "*"}}, "records": "data.items"},
    ),
    "link": (LinkPagination(), {}),
    "tricky_link": (LinkPagination(), {}),
    "relative_link": (LinkPagination(), {}),
    "next_url": (LinkPagination(next_url="paging.next"), {}),
    "array": (None, {}),
    "odd": (CallablePagination(starting_after), {}),
}

SIZE = 10

ENDS = {
    "last_again": (PageNumberPagination(size=SIZE), {}),
    "clamped": (OffsetPagination(limit=SIZE), {}),
    "left_out": (PageNumberPagination(size=SIZE), {"records": "devices"}),
    "empty_is_204": (PageNumberPagination(size=SIZE), {}),
    "not_found": (PageNumberPagination(size=SIZE, end_statuses=(404,)), {}),
    "body": (PageNumberPagination(size=SIZE, send_in="json"), {"method": "POST"}),
    "body_offset": (OffsetPagination(limit=SIZE, send_in="json"), {"method": "POST"}),
    "self_link": (LinkPagination(), {}),
    "scroll": (CursorPagination(cursor="scroll_id"), {"records": "hits"}),
    "flagged_link": (LinkPagination(more="has_more"), {}),
    "odd_cursor": (CursorPagination(cursor_header="X-Next"), {}),
}
