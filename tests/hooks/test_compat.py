"""Whatever versions are installed here: all can be imported, and what Airflow gives is found."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

import airflow_provider_orgauth
from airflow_provider_orgauth import compat
from airflow_provider_orgauth.ui.plugin import TokensPlugin

NAME = airflow_provider_orgauth.__name__
MODULES = [
    module.name
    for module in walk_packages(airflow_provider_orgauth.__path__, f"{NAME}.")
    if not module.name.endswith(".__main__")
]
HAS_PAGES = bool(TokensPlugin().external_views)


def is_for_others(name):
    """Whether a module is for what is not here: a client of other people, or the API server of a later Airflow."""
    if name == f"{NAME}.auth.of_dlt":
        return find_spec("dlt") is None
    return name.startswith(f"{NAME}.ui.") and not HAS_PAGES


@pytest.mark.parametrize("name", [name for name in MODULES if not is_for_others(name)])
def test_every_module_can_be_imported(name):
    import_module(name)


IS_3_3 = AIRFLOW_V_3_0_PLUS and find_spec("airflow.sdk.definitions.retry_policy") is not None
SINCE_3_3 = {"RetryDecision", "RetryPolicy"}
HERE = [name for name in compat.__all__ if IS_3_3 or name not in SINCE_3_3]


@pytest.mark.parametrize("name", HERE)
def test_every_name_is_found(name):
    assert getattr(compat, name) is getattr(compat, name)


def test_what_older_versions_lack_is_the_same_where_they_have_it():
    """Elsewhere is where the newest sdk finds it, too."""
    sdk = import_module("airflow.providers.common.compat.sdk")
    for name in set(compat._ELSEWHERE) & set(HERE):
        places = compat._ELSEWHERE[name]
        called = compat._CALLED_THERE.get(name, name)
        if not AIRFLOW_V_3_0_PLUS:
            called = compat._BEFORE_AIRFLOW_3.get(name, called)
        elsewhere = [found for found in map(_module, places) if hasattr(found, called)]
        assert elsewhere, name
        assert getattr(sdk, name, getattr(elsewhere[0], called)) is getattr(elsewhere[0], called)


def _module(name):
    try:
        return import_module(name)
    except ImportError:
        return None


@pytest.mark.skipif(IS_3_3, reason="here, Airflow has them all")
@pytest.mark.parametrize("name", SINCE_3_3)
def test_what_came_later_is_an_import_error(name):
    with pytest.raises(ImportError, match=f"has {name} here"):
        getattr(compat, name)


def test_no_other_name_is_looked_up():
    with pytest.raises(AttributeError, match="has no attribute 'chain'"):
        compat.chain  # noqa: B018


def test_nobody_else_asks_common_compat_for_a_name():
    package = Path(airflow_provider_orgauth.__file__).parent

    assert [path.name for path in package.rglob("*.py") if "common.compat.sdk" in path.read_text()] == ["compat.py"]
