"""The rendered templates show one page size: the one that is sent."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.adopted_pagination import adopted_pagination
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import OffsetPagination, PageNumberPagination

DEVICES = {"task_id": "t", "endpoint": "/api/v1/organization/devices"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (PageNumberPagination(size=1000), PageNumberPagination(size=25)),
        ({"size": 1000, "total": None}, {"size": 25, "total": None}),
        ({"type": "page_number"}, {"type": "page_number", "size": 25}),
        (OffsetPagination(limit_param="size"), OffsetPagination(limit_param="size", limit=25)),
        ("page_number", "page_number"),
        ({"size": "{{ params.n }}"}, {"size": "{{ params.n }}"}),
        (False, False),
        (None, None),
    ],
    ids=repr,
)
def test_the_querys_size_is_shown(given, shown):
    assert adopted_pagination(given, {"size": 25}, None) == shown
    assert OrgApiOperator(**DEVICES, params={"size": 25}, pagination=given).pagination == shown


def test_a_body_counts_where_the_size_is_sent_in_it():
    operator = OrgApiOperator(
        **DEVICES, method="POST", json={"size": 25}, pagination=PageNumberPagination(send_in="json")
    )

    assert operator.pagination.size == 25


@pytest.mark.parametrize("query", [{"name": "x"}, {"size": "{{ params.n }}"}, None], ids=repr)
def test_what_says_no_size_changes_nothing(query):
    assert OrgApiOperator(**DEVICES, params=query, pagination={"size": 7}).pagination == {"size": 7}


def test_a_template_counts_when_it_is_rendered():
    operator = OrgApiOperator(**DEVICES, params={"size": "{{ n }}"}, pagination=PageNumberPagination())

    operator.render_template_fields({"n": 25})

    assert operator.query == {"size": "25"}
    assert operator.pagination.size == 25


def test_a_mapped_task_shows_its_own():
    with DAG("mapped", schedule=None) as dag:
        OrgApiOperator.partial(**DEVICES, pagination=PageNumberPagination()).expand(params=[{"size": 25}])

    assert dag.task_dict["t"].unmap({"query": {"size": 25}}).pagination.size == 25


def test_a_jobs_query_is_not_that_of_its_list():
    job = {"poke_interval": 1, "until": "status == 'DONE'", "poll": {"endpoint": "/x"}}

    assert OrgApiOperator(**DEVICES, params={"size": 25}, pagination={"size": 7}, job=job).pagination == {"size": 7}


def test_the_size_is_in_the_part_that_fits_a_window():
    shown = str(PageNumberPagination(size=25, more="hasMore"))

    assert shown.startswith("PageNumberPagination(page_param='page', size_param='size', size=25, first_page=0, ")
    assert shown.endswith(", more='hasMore')")
    assert "max_pages" not in shown
