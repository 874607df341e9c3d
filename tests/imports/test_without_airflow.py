"""What is called pure can be imported, whole, where there is no Airflow and no HTTP client; what it raises is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTTP = ("requests", "urllib3", "aiohttp", "httpx", "tenacity")
SOCKETS = ("socket", "ssl", "http", "asyncio")

IMPORT_ALL = """
import importlib, pkgutil, sys
for name in {absent}:
    sys.modules[name] = None  # as if it were not installed: an import of it fails, and it cannot be found
room = importlib.import_module("airflow_provider_orgauth.{room}")
names = [module.name for module in pkgutil.walk_packages(room.__path__, room.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
RAISE = """
import sys
sys.modules["airflow"] = None
import pickle
from airflow_provider_orgauth import exceptions
from airflow_provider_orgauth.paging import pagination_of
try:
    pagination_of({"type": "nonsense"})
except exceptions.ConfigurationError as error:
    again = pickle.loads(pickle.dumps(error))
    print(type(again).__mro__[1:3] == (exceptions.OrgAuthError, Exception), again.field == error.field)
"""


def run(program, folder=ROOT):
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]\n{program}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("room", "absent"),
    [
        ("oauth", ("airflow", *HTTP, *SOCKETS)),
        ("paging", ("airflow", *HTTP, *SOCKETS)),
        ("exports", ("airflow", *HTTP)),
        ("client", ("airflow",)),
        ("emulator", ("airflow", "requests", "urllib3", "tenacity")),
    ],
)
def test_a_room_is_imported_without_what_it_says_it_needs_not(room, absent):
    done = run(IMPORT_ALL.format(room=room, absent=absent))

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


def test_errors_are_the_same_tree_without_airflow():
    done = run(RAISE)

    assert done.stdout.split() == ["True", "True"], done.stderr


def test_an_airflow_that_lacks_its_errors_is_not_taken_for_none(tmp_path):
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "__init__.py").touch()

    done = run("import airflow_provider_orgauth.exceptions", tmp_path)

    assert "nor Airflow has AirflowException here" in done.stderr


def test_with_airflow_the_roots_are_airflows():
    from airflow_provider_orgauth import compat, exceptions

    assert compat.AirflowException.__module__.partition(".")[0] == "airflow"
    assert exceptions.OrgAuthError.__bases__ == (compat.AirflowException,)
    assert exceptions.CertificateError.__bases__ == (exceptions.OrgAuthError, compat.AirflowFailException)
