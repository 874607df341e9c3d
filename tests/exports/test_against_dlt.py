"""Held against dlt on one server: every style of pages that both know gives both the same records."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import requests

sys.path.append(str(Path(__file__).resolve().parents[1] / "hooks"))

from paging_server import paging_server

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import (
    CursorPagination,
    LinkPagination,
    OffsetPagination,
    PageNumberPagination,
    SinglePage,
)

if not os.environ.get("ORGAUTH_EXPORTS_REQUIRED"):
    pytest.importorskip("dlt", reason="no dlt in this virtual environment: `make test-exports` has one of its own")

LENGTH = 137
SIZE = {"size": 10}
SEARCH = {"method": "POST", "json": {"filter": {"name": "*"}}, "records": "data.items"}


def dlt_pages():
    """Return dlt's paginators by the path that each reads, with the query that they need to be told."""
    from dlt.sources.helpers.rest_client import paginators as dlt

    return {
        "number": (dlt.PageNumberPaginator(page_param="page", total_path=None), SIZE, "content"),
        "number_from_one": (dlt.PageNumberPaginator(base_page=1, page_param="page", total_path=None), SIZE, "results"),
        "number_of_pages": (
            dlt.PageNumberPaginator(base_page=1, page_param="page", total_path="page.totalPages"),
            SIZE,
            "items",
        ),
        "no_total": (dlt.PageNumberPaginator(page_param="page", total_path=None), SIZE, "$"),
        "offset": (dlt.OffsetPaginator(limit=10, offset_param="offset", limit_param="limit"), {}, "items"),
        "offset_no_total": (
            dlt.OffsetPaginator(limit=10, offset_param="offset", limit_param="limit", total_path=None),
            {},
            "$",
        ),
        "cursor": (dlt.JSONResponseCursorPaginator("cursors.next", "cursor"), {}, "items"),
        "search": (
            dlt.JSONResponseCursorPaginator("meta.cursor", cursor_body_path="cursor", has_more_path="meta.more"),
            {},
            "data.items",
        ),
        "cursor_in_header": (dlt.HeaderCursorPaginator("X-Next-Cursor", "after"), {}, "$"),
        "link": (dlt.HeaderLinkPaginator(), {}, "$"),
        "relative_link": (dlt.HeaderLinkPaginator(), {}, "$"),
        "next_url": (dlt.JSONLinkPaginator("paging.next"), {}, "items"),
        "array": (dlt.SinglePagePaginator(), {}, "$"),
    }


OURS = {
    "number": (PageNumberPagination(size=10), {}),
    "number_from_one": (PageNumberPagination(size=10, first_page=1, total="count"), {}),
    "number_of_pages": (
        PageNumberPagination(size=10, first_page=1, total=None, total_pages="page.totalPages"),
        {"records": "items"},
    ),
    "no_total": (PageNumberPagination(size=10), {}),
    "offset": (OffsetPagination(limit=10), {}),
    "offset_no_total": (OffsetPagination(limit=10), {}),
    "cursor": (CursorPagination(cursor="cursors.next"), {}),
    "search": (CursorPagination(cursor="meta.cursor", more="meta.more", send_in="json"), SEARCH),
    "cursor_in_header": (CursorPagination(cursor_header="X-Next-Cursor", cursor_param="after"), {}),
    "link": (LinkPagination(), {}),
    "relative_link": (LinkPagination(), {}),
    "next_url": (LinkPagination(next_url="paging.next"), {}),
    "array": (SinglePage(), {}),
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, tmp_path):
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path))


def dlt_records(server, way: str) -> list[dict]:
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

    paginator, params, selector = dlt_pages()[way]
    token = requests.post(f"{server.url}/oauth2/token", timeout=10).json()["access_token"]
    client = RESTClient(server.url, auth=BearerTokenAuth(token), paginator=paginator, data_selector=selector)
    about = {"method": "POST", "json": {"filter": {"name": "*"}}} if way == "search" else {}
    return [record for page in client.paginate(f"/things/{way}", params=dict(params), **about) for record in page]


@pytest.mark.parametrize("length", [LENGTH, 130, 1])
@pytest.mark.parametrize("way", OURS)
def test_the_same_records_as_dlt_at_any_concurrency(monkeypatch, way, length):
    style, about = OURS[way]
    with paging_server(length) as server:
        server.limit = 10
        theirs = dlt_records(server, way)
        asked = len(server.queries)
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json)
        for max_concurrency in (1, 8):
            ours = OrgAuthHook().paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about)
            assert list(ours) == theirs
        per_walk = (len(server.queries) - asked) / 2

    assert [record["id"] for record in theirs] == list(range(1, length + 1))
    assert per_walk <= asked, "dlt needs fewer requests"


def test_nothing_that_dlt_has_is_left_out():
    from dlt.sources.helpers.rest_client import paginators

    known = {type(paginator) for paginator, *_ in dlt_pages().values()}
    theirs = {
        kind
        for kind in vars(paginators).values()
        if isinstance(kind, type)
        and issubclass(kind, paginators.BasePaginator)
        and not kind.__name__.startswith("Base")
    }
    # The first is what two others are made from; the second is an old name.
    assert theirs - known == {paginators.RangePaginator, paginators.JSONResponsePaginator}
