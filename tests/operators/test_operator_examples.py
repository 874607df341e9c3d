"""The examples in the operator's docstring are tasks: each argument is one that there is, and passes its checks."""

from __future__ import annotations

import pytest
from documented_examples import literal_blocks

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
