"""The example in each public class's docstring gives what it shows."""

from __future__ import annotations

import doctest

import msgspec
import pytest

from airflow_provider_orgauth import paging

CLASSES = sorted(name for name in paging.__all__ if isinstance(getattr(paging, name), type) and name != "Pagination")


@pytest.mark.parametrize("name", CLASSES)
def test_example(name):
    public = {one: getattr(paging, one) for one in paging.__all__}
    text = getattr(paging, name).__doc__
    example = doctest.DocTestParser().get_doctest(text, {**public, "msgspec": msgspec}, name, None, None)
    said: list[str] = []

    doctest.DocTestRunner(verbose=False).run(example, out=said.append)

    assert example.examples
    assert said == []
