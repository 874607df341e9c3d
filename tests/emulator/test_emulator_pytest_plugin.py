"""The fixtures that users test their DAGs with, in a pytest of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from documented_examples import literal_blocks

from airflow_provider_orgauth.emulator import pytest_plugin

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).resolve().parents[2]
PLUGIN = ("-p", "airflow_provider_orgauth.emulator.pytest_plugin", "-p", "no:cacheprovider")

OPERATOR_AS_DAG = """
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

class my_dag:
    def test():  # a DAG of one task, without Airflow's database
        OrgApiOperator(task_id="profile", endpoint="/api/v1/organization/profile").execute({})
"""


@pytest.fixture
def users_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", raising=False)
    return pytester


def test_each_test_has_a_fresh_emulator_and_its_connection(users_pytest):
    users_pytest.makepyfile(
        """
        import json, os, urllib.request
        import pytest

        def ask(emulator):
            import base64
            basic = base64.b64encode(f"{emulator.client_id}:{emulator.client_secret}".encode()).decode()
            request = urllib.request.Request(
                f"{emulator.url}/oauth2/token?grant_type=client_credentials",
                method="POST", headers={"Authorization": f"Basic {basic}"},
            )
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            return json.load(opener.open(request, timeout=10))

        @pytest.mark.parametrize("round", [1, 2])
        def test_fresh(orgauth_emulator, round):
            assert ask(orgauth_emulator)["expires_in"] == 300
            assert orgauth_emulator.stats()["token_requests"] == 1

        def test_connection(orgauth_connection, orgauth_emulator):
            assert orgauth_connection == "orgauth_default"
            connection = json.loads(os.environ["AIRFLOW_CONN_ORGAUTH_DEFAULT"])
            assert (connection["host"], connection["port"]) == (orgauth_emulator.host, orgauth_emulator.port)

        def test_connection_is_gone():
            assert "AIRFLOW_CONN_ORGAUTH_DEFAULT" not in os.environ

        class TestOwnSettings:
            @pytest.fixture
            def orgauth_emulator_settings(self):
                return {"token_lifetime": 5}

            def test_settings(self, orgauth_emulator):
                assert ask(orgauth_emulator)["expires_in"] == 5
        """
    )
    users_pytest.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=5)


def test_the_example_in_the_plugins_docstring(users_pytest):
    (example,) = literal_blocks(pytest_plugin)
    users_pytest.makepyfile(
        f"""{OPERATOR_AS_DAG}

{example}
"""
    )
    users_pytest.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_without_the_extra_the_fixture_says_what_to_install(users_pytest, monkeypatch):
    users_pytest.makepyfile(
        sitecustomize="import sys; sys.modules['aiohttp'] = None",
        test_it="def test_it(orgauth_emulator): pass\ndef test_other(): pass",
    )
    monkeypatch.setenv("PYTHONPATH", f"{users_pytest.path}{os.pathsep}{PROJECT}")
    result = users_pytest.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*UsageError: The emulator needs aiohttp: pip install 'airflow-provider-orgauth?emulator?'"]
    )
