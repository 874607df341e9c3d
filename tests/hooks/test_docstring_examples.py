"""The examples in public classes' docstrings give what they show: of each style of pagination, and of the errors."""

from __future__ import annotations

import doctest

import msgspec
import pytest

from airflow_provider_orgauth import exceptions, paging

PUBLIC = {name: getattr(paging, name) for name in paging.__all__}
STYLES = sorted(name for name, public in PUBLIC.items() if isinstance(public, type) and name != "Pagination")


def what_differs(documented: type, names: dict) -> list[str]:
    """Run the example in a docstring, which has one; return the differences."""
    example = doctest.DocTestParser().get_doctest(documented.__doc__, dict(names), documented.__name__, None, None)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert example.examples
    return said


@pytest.mark.parametrize("name", STYLES)
def test_pagination(name):
    assert what_differs(PUBLIC[name], {**PUBLIC, "msgspec": msgspec}) == []


@pytest.mark.parametrize("error", [exceptions.OrgAuthError, exceptions.ConfigurationError])
def test_errors(error):
    assert what_differs(error, vars(exceptions)) == []
