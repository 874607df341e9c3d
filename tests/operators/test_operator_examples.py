"""The examples in the docstrings of the operator and its job: each argument is one that there is, and passes."""

from __future__ import annotations

import pytest
from documented_examples import literal_blocks

from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

EXAMPLES = literal_blocks(OrgApiOperator)


def test_there_are_some():
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example):
    made = {}

    exec(f"task = {example}", {"OrgApiOperator": OrgApiOperator, "PageNumberPagination": PageNumberPagination}, made)

    assert isinstance(made["task"], OrgApiOperator)


def test_the_example_of_a_job():
    (example,) = literal_blocks(Job)
    made = {}

    exec(f"job = {example}", {"Job": Job}, made)

    task = OrgApiOperator(task_id="report", endpoint="/jobs", method="POST", job=made["job"])
    assert task.job["until"] == "status == 'DONE'"
