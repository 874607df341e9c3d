"""Names beside an export can be guessed: what somebody has planted there is neither followed nor waited for."""

from __future__ import annotations

import os
import signal

import pytest

from airflow_provider_orgauth.commands.own_parser import main

DEVICES = "/api/v1/organization/devices"


@pytest.fixture
def places(orgauth_emulator, monkeypatch, tmp_path):
    """Return a folder that others may write to, and one that they may not."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
    shared, own = tmp_path / "shared", tmp_path / "own"
    shared.mkdir()
    own.mkdir()
    (own / "notes.txt").write_text("mine")
    return shared, own


@pytest.mark.parametrize("kind", ["tail", "keys"])
def test_a_folder_that_is_a_link_is_not_tidied_up(places, kind):
    shared, own = places
    (shared / f".devices.jsonl.command.{kind}").symlink_to(own)

    main(["export", DEVICES, str(shared / "devices.jsonl"), "--unique-by", "id"])

    assert [path.name for path in own.iterdir()] == ["notes.txt"]
    assert [path.name for path in shared.iterdir()] == ["devices.jsonl"]


def test_a_spool_that_is_a_link_is_not_written_through(places):
    shared, own = places
    (shared / ".devices.parquet.command.jsonl").symlink_to(own / "notes.txt")

    main(["export", DEVICES, str(shared / "devices.parquet")])

    assert (own / "notes.txt").read_text() == "mine"
    assert [path.name for path in shared.iterdir()] == ["devices.parquet"]


def test_a_state_that_is_a_pipe_is_not_waited_for(places):
    shared, _ = places
    os.mkfifo(shared / ".devices.jsonl.command.state")

    def too_late(*_: object) -> None:
        pytest.fail("It waits for a pipe.")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(10)
    try:
        main(["export", DEVICES, str(shared / "devices.jsonl")])
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)

    assert [path.name for path in shared.iterdir()] == ["devices.jsonl"]
