"""Every process of Airflow loads the plugin: that must cost a task next to nothing."""

from __future__ import annotations

import subprocess
import sys

IN_A_TASK = """
import sys
import airflow.sdk.plugins_manager
before = set(sys.modules)
from airflow_provider_orgauth.ui.plugin import TokensPlugin
print(*sorted(set(sys.modules) - before))
"""
NAMES = """
from airflow_provider_orgauth.ui.plugin import TokensPlugin
plugin = TokensPlugin()
print(plugin.fastapi_apps is plugin.fastapi_apps, plugin.external_views is plugin.external_views)
print(plugin.name, [app["url_prefix"] for app in plugin.fastapi_apps], [v["name"] for v in plugin.external_views])
"""


def run(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()


def test_in_a_task_it_imports_itself_and_nothing_else():
    # The package itself is there before: Airflow reads its provider info.
    new = set(run(IN_A_TASK)[-1].split()) - {"airflow_provider_orgauth"}

    assert new == {"airflow_provider_orgauth.ui", "airflow_provider_orgauth.ui.plugin"}


def test_asked_for_its_pages_it_has_one_where_airflow_has_such_pages():
    from importlib.metadata import version

    same, about = run(NAMES)[-2:]
    is_new = tuple(int(part) for part in version("apache-airflow").split(".")[:2]) >= (3, 1)

    assert same == "True True"
    assert about == ("orgauth ['/orgauth'] ['Organization API tokens']" if is_new else "orgauth [] []")
