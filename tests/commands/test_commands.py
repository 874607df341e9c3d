"""The commands as a terminal sees them: rows, exit codes, and no credential. With a database: see tests/airflow."""

from __future__ import annotations

import getpass
import gzip
import json
import re
import socket
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
import yaml
from database_tables import database_tables
from msgspec.structs import replace

from airflow_provider_orgauth.commands import state_file
from airflow_provider_orgauth.commands.declared import COMMANDS
from airflow_provider_orgauth.commands.own_parser import main

PROFILE = "/api/v1/organization/profile"
DEVICES = "/api/v1/organization/devices"


@pytest.fixture
def connected(orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
    return orgauth_emulator


@pytest.fixture
def typed(capsys):
    """Return a function that runs a command, and returns its exit code, output and errors."""

    def run(*arguments):
        code = 0
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


def test_a_call_shows_the_answer_as_json(connected, typed):
    code, out, err = typed("call", PROFILE)

    assert (code, err) == (0, "")
    assert json.loads(out)["name"] == "Emulated Organization"


def test_a_call_masks_credentials(connected, typed):
    code, out, _ = typed("call", DEVICES, "-p", "page=0", "-p", "size=3")

    records = json.loads(out)["content"]
    assert code == 0
    assert [record["id"] for record in records] == [1, 2, 3]
    assert {record["token"] for record in records} == {"***"}
    assert connected.client_secret not in out


@pytest.mark.parametrize("output", ["table", "plain"])
def test_records_are_a_table(connected, typed, output):
    code, out, _ = typed("call", DEVICES, "-p", "size=2", "--filter", "content[].{id: id, name: name}", "-o", output)

    assert code == 0
    assert out.split("\n")[0].split() in (["id", "|", "name"], ["id", "name"])
    assert "Meter 1" in out


def test_what_stands_in_brackets_is_text_and_no_style(connected, typed):
    name = "[bold]Meter[/bold] \x1b[31m7"
    typed(
        "call", "/api/v1/organization/device/create", "-X", "POST", "-d", json.dumps({"name": name, "templateId": 353})
    )

    _, out, _ = typed("call", DEVICES, "-p", "page=50", "--filter", "content[].{name: name}", "-o", "table")

    assert "[bold]Meter[/bold]" in out
    assert "\x1b" not in out


def test_a_call_sends_a_body_and_headers(connected, typed):
    create = "/api/v1/organization/device/create"

    code, out, _ = typed(
        "call", create, "-X", "post", "-d", '{"name": "A", "templateId": 353}', "-H", "X-Run: 7", "-o", "yaml"
    )

    assert code == 0
    assert yaml.safe_load(out)["name"] == "A"
    assert "x-run" in connected.requests()[-1]["headers"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("call", "/nowhere"), "404"),
        (("call", "https://elsewhere.example/x"), "no credential is sent there"),
        (("call", PROFILE, "-p", "page"), "--param"),
        (("call", PROFILE, "-H", "no value"), "--header"),
        (("call", PROFILE, "-d", "{"), "--data"),
        (("call", PROFILE, "--filter", "[["), "--filter"),
        (("call", PROFILE, "-c", "nobody"), "nobody"),
        (("export", DEVICES, "file.exe.bz2", "--pagination", "{"), "--pagination"),
    ],
)
def test_what_does_not_work_is_one_sentence_and_exit_code_1(connected, typed, arguments, says):
    code, out, err = typed(*arguments)

    assert code == 1
    assert out == ""
    assert says in err
    assert "Traceback" not in err
    assert connected.client_secret not in err


def test_wrong_arguments_are_exit_code_2(typed):
    assert typed("status", "--no-such-thing")[0] == 2
    assert typed("no-such-command")[0] == 2
    assert typed("call", PROFILE, "-o", "xml")[0] == 2


def test_a_connection_that_works_and_one_that_does_not(connected, typed, monkeypatch):
    wrong = json.loads(connected.connection_json(cache="memory", max_attempts=1)) | {"password": "wr0ng-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_WRONG", json.dumps(wrong))

    code, out, _ = typed("test", "orgauth_default", "wrong", "-o", "json")

    rows = json.loads(out)
    assert code == 1
    assert [(row["conn_id"], row["state"]) for row in rows] == [("orgauth_default", "works"), ("wrong", "fails")]
    assert "wr0ng-secret" not in out
    assert typed("test", "orgauth_default")[0] == 0


def test_a_connection_of_another_type_is_refused(typed, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_HTTP", json.dumps({"conn_type": "http", "host": "h", "password": "s3cr3t-http"}))

    code, out, _ = typed("test", "http", "-o", "json")

    assert code == 1
    assert "is 'http'" in json.loads(out)[0]["message"]
    assert "s3cr3t-http" not in out


def test_tokens_that_are_not_shared_can_be_neither_seen_nor_renewed(connected, typed):
    code, out, _ = typed("status", "orgauth_default", "-o", "json")
    assert code == 0
    assert json.loads(out)[0]["state"] == "not visible here"

    for command in ("renew", "forget"):
        code, out, _ = typed(command, "orgauth_default", "-o", "json")
        assert code == 1
        assert "is memory" in json.loads(out)[0]["message"]
    assert connected.stats()["token_requests"] == 0


@pytest.fixture
def shared(orgauth_emulator, monkeypatch):
    """An emulator whose connection shares its token through the Variables of a database."""
    orgauth_emulator.set_connection(monkeypatch, cache="variable", max_attempts=1)
    with database_tables():
        yield orgauth_emulator


def test_status_tells_who_renewed_and_what_is_held(shared, typed):
    code, out, _ = typed("renew", "orgauth_default", "-o", "json")
    (renewed,) = json.loads(out)
    assert (code, renewed["state"]) == (0, "valid")
    assert renewed["message"].startswith("Renewed: a token for 300 s.")

    code, out, _ = typed("status", "-o", "json")
    (row,) = json.loads(out)
    assert code == 0
    assert row == renewed | {"message": None, "seconds_left": row["seconds_left"], "age": row["age"]}
    assert row["refresh_token_held"] is True
    assert (row["renewed_by"], row["renewed_on"]) == (f"user {getpass.getuser()}", socket.gethostname())
    assert (row["last_error"], row["last_error_at"]) == (None, None)

    _, out, _ = typed("status", "-o", "table")
    names = [name.strip() for name in out.splitlines()[0].split("|")]
    assert "renewed_by" in names
    assert "last_error" not in names  # where it is empty in each row, a table has no such column
    assert "last_error" in typed("status", "-o", "plain")[1]


def test_status_tells_the_last_error(shared, typed, monkeypatch):
    wrong = json.loads(shared.connection_json(cache="variable", max_attempts=1)) | {"password": "wr0ng-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(wrong))
    code, out, _ = typed("renew", "orgauth_default", "-o", "json")
    (refused,) = json.loads(out)
    assert (code, refused["state"]) == (1, "error")

    code, out, _ = typed("status", "orgauth_default", "-o", "json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["state"], row["last_error"]) == ("none", refused["message"])
    assert row["last_error_at"].startswith("20")
    assert (row["renewed_by"], row["refresh_token_held"]) == (None, None)
    assert "wr0ng-secret" not in out


def test_status_shows_the_rest_of_a_record_with_a_time_that_no_calendar_has(shared, typed):
    from airflow_provider_orgauth.cache.token_state import Failure
    from airflow_provider_orgauth.hooks.database_hook import DatabaseHook

    typed("renew", "orgauth_default")
    states = DatabaseHook("orgauth_default", user="ada").states
    by = states.load().renewals[0].by
    failure = Failure(at=3e11, error="E", message="m", is_permanent=False, by=by)
    assert states.update(lambda state: state.after_failure(failure))

    code, out, _ = typed("status", "-o", "json")

    (row,) = json.loads(out)
    assert (code, row["state"], row["last_error"], row["last_error_at"]) == (0, "valid", "m", None)


def test_status_tells_the_task_that_renewed(shared, typed):
    from airflow_provider_orgauth.cache.token_state import Actor
    from airflow_provider_orgauth.hooks.database_hook import DatabaseHook

    typed("renew", "orgauth_default")
    task = Actor(connection_id="orgauth_default", host="worker-7", dag_id="nightly", run_id="r", task_id="load")
    states = DatabaseHook("orgauth_default").states
    assert states.update(lambda state: state.after_renewal(replace(state.renewals[0], by=task)))

    (row,) = json.loads(typed("status", "-o", "json")[1])
    assert (row["renewed_by"], row["renewed_on"]) == ("nightly.load", "worker-7")


def test_status_says_nothing_of_a_renewal_that_the_record_has_lost(shared, typed):
    from airflow.models import Variable

    from airflow_provider_orgauth.cache.state_record import STATE_KEY_PREFIX
    from airflow_provider_orgauth.hooks.database_hook import DatabaseHook

    key = f"{STATE_KEY_PREFIX}{DatabaseHook('orgauth_default').settings.client.name}"
    typed("renew", "orgauth_default")
    older = Variable.get(key)
    typed("renew", "orgauth_default")
    Variable.set(key, older)

    (row,) = json.loads(typed("status", "-o", "json")[1])
    assert (row["state"], row["renewed_by"], row["refresh_token_held"]) == ("valid", None, None)


def test_what_is_forgotten_is_written_down(shared, typed):
    typed("renew", "orgauth_default")
    (row,) = json.loads(typed("forget", "orgauth_default", "-o", "json")[1])
    assert (row["state"], row["message"].partition(".")[0]) == ("forgotten", "Forgotten")

    code, out, _ = typed("forget", "orgauth_default", "-o", "json")
    assert (code, json.loads(out)[0]["state"]) == (0, "none")
    assert json.loads(typed("status", "-o", "json")[1])[0]["state"] == "none"


def test_an_export_is_a_file_and_a_manifest(connected, typed, tmp_path):
    path = tmp_path / "devices.jsonl.gz"

    code, out, err = typed("export", DEVICES, str(path), "--drop-fields", "token", "-o", "json")

    (manifest,) = json.loads(out)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert (code, err) == (0, "")  # no bar: this is no terminal
    assert manifest["records"] == len(lines) == 2500
    assert "token" not in json.loads(lines[0])


def test_a_failed_export_leaves_no_file(connected, typed, tmp_path):
    connected.fault("status", DEVICES, status=500, times=0)
    path = tmp_path / "devices.jsonl"

    code, out, err = typed("export", DEVICES, str(path))

    assert (code, out) == (1, "")
    assert "500" in err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def interrupted(connected, typed, tmp_path):
    """Return a function that types an export which stops after some pages, and what it takes to type it again."""

    def begin(name="devices.jsonl.gz", *more):
        connected.fault("status", DEVICES, status=500, skip=10, times=0)
        command = ("export", DEVICES, str(tmp_path / name), "-p", "size=100", "--max-concurrency", "1", *more)
        code, out, err = typed(*command)
        assert (code, out) == (1, "")
        assert re.search(r"^Stopped after page 10\. The same command goes on there", err, re.MULTILINE)
        assert not (tmp_path / name).exists()
        connected.clear_faults()
        return command, connected.stats()["api_requests"]

    return begin


def records_in(path):
    if path.suffix == ".parquet":
        return pq.read_table(path)["id"].to_pylist()
    data = path.read_bytes()
    return [json.loads(line)["id"] for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()]


@pytest.mark.parametrize("name", ["devices.jsonl", "devices.jsonl.gz", "devices.parquet"])
def test_an_export_that_was_stopped_goes_on(interrupted, connected, typed, tmp_path, name):
    command, requests = interrupted(name, "--unique-by", "id")

    code, out, err = typed(*command, "-o", "json")

    assert code == 0
    assert re.fullmatch(r"Going on after page 10, where an earlier command stopped at 20\S+ \S+\. The list .*\n", err)
    assert connected.stats()["api_requests"] - requests == 15
    assert records_in(tmp_path / name) == list(range(1, 2501))
    assert json.loads(out)[0]["pages"] == 25
    assert [path.name for path in tmp_path.iterdir()] == [name]  # and nothing hidden


def refuse_it(path, monkeypatch):
    (state,) = path.parent.glob(".*.state")
    state.write_bytes(state.read_bytes()[:-9])


def take_its_part(path, monkeypatch):
    (part,) = path.parent.glob(".*.part")
    part.unlink()


def let_a_day_pass(path, monkeypatch):
    monkeypatch.setattr(state_file, "GOOD_FOR", timedelta(0))


@pytest.mark.parametrize(
    ("more", "spoil"),
    [
        (("--anew",), None),
        (("--drop-fields", "token"), None),
        ((), refuse_it),
        ((), take_its_part),
        ((), let_a_day_pass),
    ],
    ids=["anew", "other arguments", "spoiled", "gone", "old"],
)
def test_what_cannot_or_must_not_be_gone_on_with_begins_anew(
    interrupted, connected, typed, tmp_path, monkeypatch, more, spoil
):
    command, requests = interrupted()
    if spoil is not None:
        spoil(tmp_path / "devices.jsonl.gz", monkeypatch)

    code, _, err = typed(*command, *more)

    assert (code, err) == (0, "")
    assert connected.stats()["api_requests"] - requests == 25
    assert records_in(tmp_path / "devices.jsonl.gz") == list(range(1, 2501))
    assert [path.name for path in tmp_path.iterdir()] == ["devices.jsonl.gz"]


def test_what_is_left_shows_no_page_and_no_secret(interrupted, connected, tmp_path):
    interrupted()

    (state,) = tmp_path.glob(".*.state")
    assert state.read_text().startswith("orgauth1:")
    assert connected.client_secret not in state.read_text()
    assert state.stat().st_mode & 0o077 == 0


def test_airflow_is_given_all_commands():
    cli_config = pytest.importorskip("airflow.cli.cli_config")
    from airflow_provider_orgauth.commands.airflow_commands import airflow_commands
    from airflow_provider_orgauth.provider_info import get_provider_info

    (group,) = airflow_commands()

    assert isinstance(group, cli_config.GroupCommand)
    assert [command.name for command in group.subcommands] == [command.name for command in COMMANDS]
    assert get_provider_info()["cli"] == [f"{airflow_commands.__module__}.{airflow_commands.__name__}"]
