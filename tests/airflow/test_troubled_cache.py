"""A cache in trouble: work goes on, and one warning says what happened. Real Variables, on Airflow 2.11.

There a plain process can use Variables, so each trouble costs a process and not a scheduler.
"""

from __future__ import annotations

import subprocess

import pytest

from airflow_provider_orgauth.cache.shared_name import shared_name
from airflow_provider_orgauth.oauth.client import OAuthClient

pytestmark = pytest.mark.airflow

# Two tasks one after the other, as far as the provider can tell: the second knows nothing of the first, but is on the
# same host. So none of it costs a token request.
TASKS = """
import logging, sys
from airflow_provider_orgauth.cache import memory, store_choice
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

between = sys.argv[1]
for task in (1, 2):
    memory.TOKENS.clear()
    store_choice._shared_key.cache_clear()
    hook = OrgAuthHook()
    assert hook.run("/api/v1/organization/profile").status_code == 200
    if task == 1:
        exec(between)
print("DONE")
"""


@pytest.fixture
def keys(orgauth_emulator):
    """The keys of the three Variables: of the token, of the lease and of what the token is sealed with."""
    emulator = orgauth_emulator
    name = shared_name(OAuthClient(f"{emulator.url}/oauth2/token", emulator.client_id, emulator.client_secret))
    return f"orgauth_shared_{name}", f"orgauth_lease_{name}", f"orgauth_token_key_{name}"


@pytest.fixture
def tasks(airflow211, orgauth_emulator):
    """Return a function that runs the two tasks, and returns the warnings and how many tokens were asked for."""

    def run(between="", **env):
        connection = {"AIRFLOW_CONN_ORGAUTH_DEFAULT": orgauth_emulator.connection_json()}
        done = subprocess.run(
            [airflow211.python, "-c", TASKS, between],
            env={**airflow211.env, **connection, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        output = done.stdout + done.stderr
        assert "DONE" in done.stdout, output
        ours = [line for line in output.splitlines() if "{text_store.py" in line and "WARNING" in line]
        return ours, orgauth_emulator.stats()["token_requests"]

    return run


def set_variable(key, value):
    return f"from airflow.models import Variable; Variable.set({key!r}, {value!r})"


def test_without_trouble_the_second_task_finds_the_token(tasks):
    assert tasks() == ([], 1)


def test_a_token_that_a_secrets_backend_hides(tasks, keys):
    """The backend asked first is the environment; what a task wrote is in the database, unseen."""
    warnings, token_requests = tasks(**{f"AIRFLOW_VAR_{keys[0].upper()}": "something else"})

    assert token_requests == 1
    [warning] = warnings
    assert f"not shared through the Variable {keys[0]}: what it holds cannot be used" in warning
    assert "a secrets backend or an environment variable (AIRFLOW_VAR_…) hides it" in warning


@pytest.mark.parametrize("hidden_by", ["renewed:0123456789abcdef", "renewing:0123456789abcdef", "something else"])
def test_a_lease_that_a_secrets_backend_hides(tasks, keys, hidden_by):
    warnings, token_requests = tasks(**{f"AIRFLOW_VAR_{keys[1].upper()}": hidden_by})

    assert token_requests == 1
    [warning] = warnings
    assert (
        f"through the Variable {keys[1]} on which of them renews the token: what is written there does not stay"
        in warning
    )


@pytest.mark.parametrize("value", ["", "{}", '{"access_token": "by hand"}', "orgauth9:x:y"])
def test_a_token_that_somebody_wrote_over(tasks, keys, value):
    warnings, token_requests = tasks(set_variable(keys[0], value))

    assert token_requests == 1
    [warning] = warnings
    assert "what it holds cannot be used" in warning


def test_a_key_that_a_secrets_backend_hides(tasks, keys):
    warnings, token_requests = tasks(**{f"AIRFLOW_VAR_{keys[2].upper()}": "something else"})

    assert token_requests == 1
    [warning] = warnings
    assert f"its key, the Variable {keys[2]}, does not stay there; a secrets backend" in warning


@pytest.mark.parametrize("value", ["", "something else", f"key1:{'a' * 43}="])
def test_a_key_that_somebody_wrote_over(tasks, keys, value):
    warnings, token_requests = tasks(set_variable(keys[2], value))

    assert token_requests == 1
    [warning] = warnings
    assert f"it was cut or changed, or the Variable {keys[2]} is another one" in warning


def test_a_key_that_is_deleted_is_made_anew_with_the_next_token(tasks, keys, orgauth_emulator):
    """Other hosts cannot read what is there, and save what they got."""
    between = f"""
from airflow.models import Variable
import os, tempfile
from airflow_provider_orgauth.cache import text_store
def as_another_host():
    memory.TOKENS.clear(); store_choice._shared_key.cache_clear()
    tempfile.tempdir = tempfile.mkdtemp(dir=os.environ["AIRFLOW_HOME"])
    OrgAuthHook().run("/api/v1/organization/profile")
Variable.delete({keys[2]!r})
as_another_host()
as_another_host()
text_store.WARNED.clear()
"""
    warnings, token_requests = tasks(between)

    assert token_requests == 2
    assert len(warnings) == 1


def test_a_database_that_is_wiped(tasks):
    wipe = "from airflow.models import Variable; from airflow.utils.session import create_session\n"
    wipe += "with create_session() as session: session.query(Variable).delete()"

    assert tasks(wipe) == ([], 2)


def test_a_token_of_another_fernet_key(tasks, keys):
    """Airflow 2.11 says None, as where there is none; and what somebody deletes is another matter."""
    encrypt = "from airflow.models import Variable; from airflow.utils.session import create_session\n"
    encrypt += "from cryptography.fernet import Fernet\nwith create_session() as session:\n"
    encrypt += f"    row = session.query(Variable).filter(Variable.key == {keys[0]!r}).one()\n"
    encrypt += "    row._val, row.is_encrypted = Fernet(Fernet.generate_key()).encrypt(b'text').decode(), True"

    warnings, token_requests = tasks(encrypt)

    assert token_requests == 1
    [warning] = warnings
    assert f"not shared through the Variable {keys[0]}: it cannot be read (UndecryptedVariableError)" in warning


@pytest.mark.parametrize("how", ["read", "write"])
def test_variables_that_cannot_be_used(tasks, how):
    """Each task is told once, not once for each thing that it cannot do."""
    broken = "from airflow.models import Variable\ndef fail(*_, **__): raise PermissionError('secret')\n"
    broken += "Variable.set = fail" if how == "write" else "Variable.get = Variable.set = fail"
    warnings, token_requests = tasks(
        f"{broken}\nmemory.TOKENS.clear(); hook = OrgAuthHook(); hook.run('/api/v1/organization/profile')"
    )

    assert token_requests == 1
    assert len(warnings) == {"read": 1, "write": 0}[how]
    assert "secret" not in "".join(warnings)
