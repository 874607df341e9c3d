"""The examples in public classes' docstrings give what they show: of each style of pagination, and of the errors."""

from __future__ import annotations

import msgspec
import pytest
from documented_examples import what_differs

from airflow_provider_orgauth import exceptions, paging

PUBLIC = {name: getattr(paging, name) for name in paging.__all__}
CLASSES = sorted(name for name, public in PUBLIC.items() if isinstance(public, type))


@pytest.mark.parametrize("name", CLASSES)
def test_pagination(name):
    assert what_differs(PUBLIC[name], {**PUBLIC, "msgspec": msgspec}) == []


@pytest.mark.parametrize("error", [exceptions.OrgAuthError, exceptions.ConfigurationError])
def test_errors(error):
    assert what_differs(error, vars(exceptions)) == []
