"""A text in the host's private folder: whole, for one taker, and nobody's trouble."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_orgauth.cache.host_file import LEFTOVER_SECONDS, MAX_TEXT_BYTES, HostFile

TAKER = """
import sys
from airflow_provider_orgauth.cache.host_file import HostFile
sys.stdin.readline()
print(HostFile(sys.argv[1]).take() or "", flush=True)
"""


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def file():
    return HostFile("some.token")


@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=200), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_text_is_read_until_it_is_taken(file, texts):
    for text in texts:
        assert file.write(text)

    assert file.read() == texts[-1]
    assert file.take() == texts[-1]
    assert file.read() is None
    assert file.take() is None


def test_it_leaves_one_file_for_its_user_only(file, folder):
    umask = os.umask(0)
    try:
        file.write("first")
        file.write("second")
    finally:
        os.umask(umask)

    [left] = folder.iterdir()
    assert left.name == "some.token"
    assert left.stat().st_mode & 0o777 == 0o600


def test_of_many_processes_that_take_at_once_one_gets_it(file):
    file.write("the text")
    command = [sys.executable, "-c", TAKER, "some.token"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    takers = [subprocess.Popen(command, **pipes) for _ in range(6)]
    try:
        for taker in takers:
            taker.stdin.write("now\n")
            taker.stdin.flush()
        got = [taker.communicate(timeout=60)[0].strip() for taker in takers]
    finally:
        for taker in takers:
            taker.kill()
            taker.wait()

    assert sorted(got) == [""] * 5 + ["the text"]


def test_of_many_threads_that_write_and_take_nobody_gets_a_text_twice_or_in_part(file):
    texts = [f"{number} " * 2000 for number in range(200)]
    got: list[str] = []
    writing = threading.Thread(target=lambda: [file.write(text) for text in texts])

    def take() -> None:
        while writing.is_alive():
            text = file.take()
            if text is not None:
                got.append(text)

    takers = [threading.Thread(target=take) for _ in range(4)]
    for thread in (writing, *takers):
        thread.start()
    for thread in (writing, *takers):
        thread.join()

    assert len(got) == len(set(got))
    assert set(got) <= set(texts)


@pytest.mark.parametrize("trap", ["link", "link to nothing", "folder", "pipe", "large", "no text", "unreadable"])
def test_what_was_planted_there_is_neither_read_nor_waited_for(file, folder, tmp_path, trap):
    secret = tmp_path / "elsewhere"
    secret.write_text("not yours")
    file.write("x")
    planted = folder / "some.token"
    planted.unlink()
    match trap:
        case "link":
            planted.symlink_to(secret)
        case "link to nothing":
            planted.symlink_to(tmp_path / "nothing")
        case "folder":
            planted.mkdir()
        case "pipe":
            os.mkfifo(planted)
        case "large":
            planted.write_bytes(b"x" * (MAX_TEXT_BYTES + 1))
        case "no text":
            planted.write_bytes(b"\xff\xfe")
        case "unreadable":
            planted.write_text("x")
            planted.chmod(0)
    if trap != "unreadable" or os.getuid() != 0:
        assert file.read() is None
    if trap != "folder":
        assert file.write("new")
        assert file.read() == "new"
    assert secret.read_text() == "not yours"


def test_a_planted_link_is_not_followed_by_who_takes(file, folder, tmp_path):
    secret = tmp_path / "elsewhere"
    secret.write_text("not yours")
    file.write("x")
    (folder / "some.token").unlink()
    (folder / "some.token").symlink_to(secret)

    assert file.take() is None
    assert secret.read_text() == "not yours"


def test_where_there_can_be_no_file_everybody_goes_on_without(file, tmp_path, monkeypatch, caplog):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    monkeypatch.setattr("tempfile.tempdir", str(blocked))

    assert file.read() is None
    assert file.take() is None
    assert not file.write("x")
    assert [record.name for record in caplog.records] == ["airflow_provider_orgauth.private_folder"]  # once


@pytest.mark.parametrize("room", [0, 5])
def test_a_full_disk_leaves_what_was_there(room, tmp_path):
    """The limit on the size of files fails a write as a full disk does, after the same bytes."""
    written = f"""
import resource, signal
from airflow_provider_orgauth.cache.host_file import HostFile
file = HostFile("some.token")
file.write("before")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
print(file.write("afterwards"), file.read())
"""
    done = subprocess.run([sys.executable, "-c", written], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "before"]
    assert [file.name for file in (tmp_path / f"airflow-orgauth-{os.getuid()}").iterdir()] == ["some.token"]


def test_what_killed_processes_left_half_is_swept_away_in_time(file, folder):
    file.write("x")
    old, young, other = (folder / f"{name}.part" for name in ("some.token.1", "some.token.2", "another.token.1"))
    for left in (old, young, other):
        left.write_text("half")
    an_hour_ago = time.time() - LEFTOVER_SECONDS - 1
    for left in (old, other):
        os.utime(left, (an_hour_ago, an_hour_ago))
    file.write("y")

    assert not old.exists()
    assert young.exists()
    assert other.exists()
