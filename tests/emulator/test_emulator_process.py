"""``python -m airflow_provider_orgauth.emulator``: one line, a clean end, and nothing of the provider in it."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

PROJECT = Path(__file__).resolve().parents[2]
MODULE = "airflow_provider_orgauth.emulator"
WAIT = 30


@contextmanager
def process(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the emulator on a free port; yields the process and what it said when it was ready."""
    command = [sys.executable, "-m", MODULE, "--port", "0", *options]
    running = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said = select.poll()  # select() knows no descriptor above 1023, and thousands of tests leave some open
        said.register(running.stdout, select.POLLIN)
        assert said.poll(1000 * WAIT), "it does not say READY"
        yield running, running.stdout.readline()
    finally:
        running.kill()
        running.communicate(timeout=WAIT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_and_a_clean_end(number):
    with process() as (running, line):
        assert line.startswith("READY http://127.0.0.1:")
        url = line.split()[1]
        with requests.Session() as http:
            http.trust_env = False
            assert http.get(f"{url}/_stats", timeout=WAIT).json()["token_requests"] == 0
            running.send_signal(number)  # while a connection is open
            out, err = running.communicate(timeout=WAIT)
        assert (running.returncode, out, err) == (0, "", "")


def test_flags_are_the_settings():
    options = ["--token-lifetime", "60", "--client-id", "me", "--client-secret", "s", "--rfc-status", "--rotation"]
    with process(*options, "none", "--token-answer", '{"extra": 1}', "--no-bearer-challenge") as (_, line):
        url = line.split()[1]
        with requests.Session() as http:
            http.trust_env = False
            grant = {"grant_type": "client_credentials"}
            answer = http.post(f"{url}/oauth2/token", params=grant, auth=("me", "s"), timeout=WAIT).json()
            assert (answer["expires_in"], answer["extra"]) == (60, 1)
            assert http.post(f"{url}/oauth2/token", params=grant, auth=("me", "x"), timeout=WAIT).status_code == 401
            shown = http.get(f"{url}/_settings", timeout=WAIT).json()
            assert (shown["rotation"], shown["bearer_challenge"], shown["client_id"]) == ("none", False, "me")


def test_another_seed_gives_other_tokens():
    def first_token(*options: str) -> str:
        with process(*options) as (_, line), requests.Session() as http:
            http.trust_env = False
            auth = ("me", "s")
            url = f"{line.split()[1]}/oauth2/token?grant_type=client_credentials"
            return http.post(url, auth=auth, timeout=WAIT).json()["access_token"]

    same = ["--client-id", "me", "--client-secret", "s"]
    assert first_token(*same) == first_token(*same, "--seed", "1")
    assert first_token(*same) != first_token(*same, "--seed", "2")


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )


def test_wrong_options_name_themselves():
    done = run("-m", MODULE, "--token-lifetime", "0")
    assert done.returncode == 2
    assert "token_lifetime" in done.stderr
    done = run("-m", MODULE, "--rotation", "off")
    assert done.returncode == 2
    assert "--rotation" in done.stderr


def test_a_taken_port_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("-m", MODULE, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "address already in use" in done.stderr


def test_help_shows_every_setting():
    done = run("-m", MODULE, "--help", COLUMNS="200")
    assert done.returncode == 0
    for flag in ("--refresh-kills-access", "--grants-in {query,body,both,json}", "--retry-after {seconds,date,none}"):
        assert flag in done.stdout


@pytest.fixture
def without_aiohttp(tmp_path: Path) -> str:
    """A folder that, first on the path, makes aiohttp missing as it is on a machine without the extra."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['aiohttp'] = None\n")
    return f"{tmp_path}{os.pathsep}{PROJECT}"


def test_without_the_extra_it_says_what_to_install(without_aiohttp):
    done = run("-m", MODULE, PYTHONPATH=without_aiohttp)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The emulator needs aiohttp: pip install 'airflow-provider-orgauth[emulator]'\n"


LOADED = f"""
import pkgutil, importlib, sys
import {MODULE} as emulator
for module in pkgutil.iter_modules(emulator.__path__):
    if module.name not in ("__main__", "pytest_plugin"):
        importlib.import_module(f"{MODULE}.{{module.name}}")
watched = ("airflow", "airflow_provider_orgauth", "requests")
print(*(name for name in sys.modules if name.split(".")[0] in watched))
"""


def test_it_imports_neither_airflow_nor_the_rest_of_the_provider():
    names = run("-c", LOADED).stdout.split()
    assert f"{MODULE}.server" in names
    assert [name for name in names if not name.startswith(MODULE)] == ["airflow_provider_orgauth"]


def test_the_plugin_is_cheap_to_import():
    done = run("-c", f"import pytest, sys; import {MODULE}.pytest_plugin; print(*sys.modules)")
    assert f"{MODULE}.pytest_plugin" in done.stdout.split()
    assert not {"aiohttp", "ssl", "asyncio", "airflow"} & set(done.stdout.split())
