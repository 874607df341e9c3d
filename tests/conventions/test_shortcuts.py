"""Fixtures live in a conftest or a helper, and no test writes to a private attribute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from shortcuts import imports_of_tests, private_writes

PROJECT = Path(__file__).parents[2]
FOLDERS = ("tests", "fuzz", "simulation", "scripts")


def found(search: Callable[[str], list[int]]) -> list[str]:
    """Return file and line of all that ``search`` finds."""
    files = (file for folder in FOLDERS for file in sorted((PROJECT / folder).rglob("*.py")))
    return [f"{file.relative_to(PROJECT)}:{line}" for file in files for line in search(file.read_text())]


def test_no_test_is_imported():
    places = found(imports_of_tests)
    assert not places, f"put it into a conftest, or into a module whose name is no test's: {', '.join(places)}"


def test_no_private_attribute_is_written():
    places = found(private_writes)
    assert not places, f"pass a parameter, or bring about what the test is about: {', '.join(places)}"


@pytest.mark.parametrize(
    "line",
    [
        "from test_token_source import Store",
        "import test_landings",
        "from exports_unit.test_landings import KINDS",
        "from exports_unit import test_landings",
        "from conftest import Time",
        "stores = importlib.import_module('test_stores')",
        "from airflow_provider_orgauth.client.token_source import _moments",
    ],
)
def test_an_import_is_found(line):
    assert imports_of_tests(f"import os\n{line}\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "landing._file = None",
        "landing._size += 1",
        "del landing._file",
        "landing.first, landing._file = 1, 2",
        "with open(path) as landing._file: pass",
        "elsewhere._object['Key'] = 'x'",
        "moments._moments[key] = (token, 0.0)",
        "source._retry.sleep = wait",
        "self.source._retry = retry",
        "make()._retry = retry",
        "vars(landing)['_file'] = None",
        "landing.__dict__['_file'] = None",
        "setattr(landing, '_file', None)",
        "object.__setattr__(token, '_digest', b'')",
        "monkeypatch.setattr(hook, '_sleep', wait)",
        "monkeypatch.setattr('package.module._sleep', wait)",
        "monkeypatch.setattr(module._flights, 'do', do)",
        "monkeypatch.setitem(module._known, 'key', 1)",
        "monkeypatch.delattr(hook, '_sleep')",
        "clock_check._said.clear()",
        "hook._cancelled.set()",
        "zstd_encoding._check_library.cache_clear()",
    ],
)
def test_a_write_is_found(line):
    assert private_writes(f"import os\n{line}\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "self._file = None",
        "cls._known['key'] = 1",
        "self._names.append('x')",
        "assert landing._file is None",
        "os._exit(0)",
        "landing.__class__ = Another",
        "clock.meanwhile = hook.cancel",
        "monkeypatch.setattr(s3_upload, 'IDLE', idle)",
        "monkeypatch.setitem(texts, '_key', 'value')",
        "names.append(landing._file)  # and what is done to the list is done to the list",
        "from airflow.sdk._shared.secrets_masker import _secrets_masker",
        "from test import support",
    ],
)
def test_what_is_none_is_not(line):
    assert private_writes(line) == [] == imports_of_tests(line)
