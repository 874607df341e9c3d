"""The stores that need Airflow, where Airflow cannot serve them; where it can, see tests/airflow."""

from __future__ import annotations

import os
import subprocess
import sys

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

WITHOUT_A_KEY = """
from airflow_provider_orgauth.cache.store_choice import shared_store
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.token import Token

store = shared_store("xcom", OAuthClient("https://h/t", "id", "the-secret"))
for use in (store.load, lambda: store.save(Token("a", 0.0, 1.0))):
    try:
        use()
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_a_token_goes_to_xcom_encrypted_or_not_at_all():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_KEY],
        env={**os.environ, "AIRFLOW__CORE__FERNET_KEY": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("ConfigurationError")]

    assert len(lines) == 2
    assert "Airflow has no Fernet key" in lines[0]
    assert "Set [core] fernet_key" in lines[0]
    assert "the-secret" not in done.stdout + done.stderr


def test_outside_a_task_work_goes_on_with_one_warning(orgauth_emulator, monkeypatch, caplog):
    """A plain script has no Variable to write, and no task to push an XCom from."""
    for cache in ("variable", "xcom"):
        caplog.clear()
        orgauth_emulator.set_connection(monkeypatch, cache=cache)
        orgauth_emulator.revoke()
        hook = OrgAuthHook()
        for _ in range(3):
            assert hook.run("/api/v1/organization/profile").status_code == 200
        [warning] = [record for record in caplog.records if record.name.endswith("cache.text_store")]
        assert "The token is not shared through" in warning.getMessage()
    assert orgauth_emulator.stats()["token_requests"] <= 3
