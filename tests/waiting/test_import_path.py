"""Functions by their import paths."""

from __future__ import annotations

import json

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.waiting.import_path import imported, is_import_path


def test_a_function_and_a_method_are_found():
    assert imported("until", "json:loads") is json.loads
    assert imported("until", "json:JSONDecoder.decode") is json.JSONDecoder.decode


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("no_such_package.module:function", "there is no module no_such_package"),
        ("json.no_such:function", "there is no module json.no_such"),
        ("json:no_such", "there is no such function"),
        ("json:loads.no_such", "there is no such function"),
        ("json:__name__", "there is no such function"),
    ],
)
def test_what_is_not_there(path, problem):
    with pytest.raises(ConfigurationError, match=f"^until: {problem}") as caught:
        imported("until", path)
    assert path in str(caught.value)


def test_a_module_that_lacks_another_says_so_itself(tmp_path, monkeypatch):
    (tmp_path / "lacks_another.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        imported("until", "lacks_another:function")


NAMES = st.from_regex(r"\A[^\W\d]\w{0,5}\Z")


@given(st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=2))
def test_no_import_path_is_jmespath(modules, names):
    path = f"{'.'.join(modules)}:{'.'.join(names)}"

    assert is_import_path(path)
    with pytest.raises(jmespath.exceptions.JMESPathError):
        jmespath.compile(path)


@pytest.mark.parametrize("text", ["a.b.c", "a", "a:", ":a", "a:1", "a[0:1]", "{a: b}", "a: b", "", "a:b:c"])
def test_what_is_no_import_path(text):
    assert not is_import_path(text)
