"""``hook.paginate`` on the emulator."""

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICES = "/api/v1/organization/devices"


@pytest.mark.parametrize("max_concurrency", [1, 4, 16])
def test_all_records_in_order(hook, orgauth_emulator, max_concurrency):
    pages = hook.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=max_concurrency)

    assert [device["id"] for device in pages] == list(range(1, 2501))
    assert [len(page) for page in pages.pages()] == [100] * 25
    assert orgauth_emulator.stats()["token_requests"] == 1
    assert orgauth_emulator.stats()["connections"] <= max_concurrency


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_a_server_that_gives_smaller_pages_than_asked_for(hook, orgauth_emulator, max_concurrency):
    orgauth_emulator.settings(page_limit=70)

    pages = hook.paginate(DEVICES, pagination=PageNumberPagination(), max_concurrency=max_concurrency)

    assert [device["id"] for device in pages] == list(range(1, 2501))


def test_a_server_that_ignores_the_page(hook):
    with pytest.raises(errors.PaginationError, match="the server seems to ignore which page"):
        list(hook.paginate(DEVICES, pagination=PageNumberPagination(page_param="pageNo", size=100)))


def test_an_answer_of_nothing_is_no_empty_page_but_for_204(hook, orgauth_emulator):
    for status in (200, 204):
        length = {} if status == 204 else {"Content-Length": "0"}
        orgauth_emulator.fault("raw", DEVICES, status=status, headers=length, body="")
        pages = hook.paginate(DEVICES, pagination=PageNumberPagination())
        if status == 204:
            assert list(pages) == []
        else:
            with pytest.raises(errors.ResponseError, match="is empty: not even an array"):
                list(pages)


def test_pairs_of_a_query_that_can_be_read_once(hook, orgauth_emulator):
    pages = hook.paginate(DEVICES, pagination={"type": "page_number"}, params=iter([("size", "500"), ("orgId", "578")]))

    assert [len(page) for page in pages.pages()] == [500] * 5
    queries = [request["query"] for request in orgauth_emulator.requests() if request["path"] == DEVICES]
    assert len(queries) == 5
    assert all("orgId" in query for query in queries)
