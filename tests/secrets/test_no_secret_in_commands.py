"""No secret in what a command prints, to either stream, or logs with --verbose; on servers that fail in each way."""

from __future__ import annotations

import pytest
from broken_servers import API, BROKEN

from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.commands.own_parser import main

IN_THE_URL = {"client_auth": "params", "grant_params_in": "query"}  # the most talkative placement
OUTPUTS = ("table", "json", "yaml", "plain")


@pytest.fixture
def typed(capfd, said):
    """Return a function that runs a command with --verbose, and returns its exit code and all that it said."""

    def run(*arguments):
        code = 0
        try:
            main([*arguments, "--verbose"])
        except SystemExit as ended:
            code = ended.code
        done = capfd.readouterr()
        return code, f"{done.out}\n{done.err}\n{said.getvalue()}"

    return run


def commands(output, folder):
    """Return each command that needs no database."""
    about = ("-o", output)
    yield ("status", "hunted", *about)
    yield ("test", "hunted", *about)
    yield ("call", f"{API}devices", "-c", "hunted", *about)
    yield (
        "call",
        f"{API}device/create",
        "-c",
        "hunted",
        "-X",
        "POST",
        "-d",
        '{"name": "x", "templateId": 353}',
        *about,
    )
    yield ("export", f"{API}devices", str(folder / f"{output}.jsonl"), "-c", "hunted", "--drop-fields", "token", *about)
    for name in ("renew", "forget"):
        yield (name, "hunted", *about)


@pytest.mark.parametrize("name", ["good", *BROKEN])
def test_no_secret_in_a_command(servers, connect, typed, tmp_path, name):
    extra = servers.extra(name) if name in BROKEN else {}
    outputs = OUTPUTS if name in ("good", "token_400_echo", "api_400_echo") else ("json",)
    ended = []
    for command in (one for output in outputs for one in commands(output, tmp_path)):
        memory.TOKENS.clear()  # as another process; and the server says back the token that this one sends
        connect(name, **IN_THE_URL, **extra)
        ended.append(typed(*command))
    told = "\n".join(words for _, words in ended)

    assert 1 in {code for code, _ in ended}  # at least what cannot be renewed: this cache is nobody else's
    if name == "good":
        assert [code for code, _ in ended[:5]] == [0] * 5
        assert "/oauth2/token" in told  # urllib3 did log the requests
    assert servers.secrets(name).found(told) == []


def test_the_hunt_sees_what_a_command_prints(servers, connect, typed, monkeypatch):
    connect("good")
    from airflow_provider_orgauth.commands import call_command, running

    def result_of(_):
        return running.Result([{"secret": servers.password("good")}])

    monkeypatch.setattr(call_command, "result_of", result_of)
    _, told = typed("call", f"{API}devices", "-c", "hunted")

    assert servers.secrets("good").names_found(told) == {"good client secret"}
