"""API requests counted in files of the host. None is lost or told twice, and what lies there harms no request."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_orgauth.cache.host_tally import MAX_FILE_BYTES, SENT, TOO_MANY, WAITED, HostTally
from airflow_provider_orgauth.cache.token_state import MAX_HOURS, Hour, TokenState

HOUR = 490_555
NOW = HOUR * 3600.0 + 1800

WRITER = """
import sys
from airflow_provider_orgauth.cache.host_tally import SENT, TOO_MANY, HostTally
tally = HostTally("a")
sys.stdin.readline()
for number in range(3000):
    tally.add(TOO_MANY if number % 3 == 0 else SENT, float(sys.argv[1]))
"""

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def tally():
    return HostTally("a")


def numbers(hours):
    return [(hour.hour, hour.api_requests, hour.api_too_many, hour.api_waits) for hour in hours]


def path(folder, hour=HOUR):
    return folder / f"a.{hour}.calls"


def test_what_was_counted_is_told_once_in_its_hour(tally):
    for sort in (SENT, SENT, TOO_MANY, WAITED):
        tally.add(sort, NOW)
    tally.add(SENT, NOW + 3600)

    assert numbers(tally.look(NOW + 3600)) == [(HOUR, 3, 1, 1), (HOUR + 1, 1, 0, 0)]
    assert numbers(tally.take(NOW + 3600)) == [(HOUR, 3, 1, 1), (HOUR + 1, 1, 0, 0)]
    assert tally.look(NOW + 3600) == tally.take(NOW + 3600) == []
    tally.add(SENT, NOW + 3600)
    assert numbers(tally.take(NOW + 3600)) == [(HOUR + 1, 1, 0, 0)]


def test_of_many_processes_and_takers_each_request_is_told_by_one(tally):
    pipes = {"stdin": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(NOW)], **pipes) for _ in range(3)]
    told: list[Hour] = []
    stop = threading.Event()

    def take() -> None:
        while not stop.is_set():
            told.extend(tally.take(NOW))

    takers = [threading.Thread(target=take) for _ in range(3)]
    try:
        for taker in takers:
            taker.start()
        for writer in writers:
            writer.stdin.write("now\n")
            writer.stdin.flush()
        assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    finally:
        stop.set()
        for taker in takers:
            taker.join()
        for writer in writers:
            writer.kill()
            writer.stdin.close()
            writer.wait()
    told.extend(tally.take(NOW))

    assert len(told) > 3  # they did take in between
    assert sum(hour.api_requests for hour in told) == 9000
    assert sum(hour.api_too_many for hour in told) == 3000


def test_threads_that_come_into_a_new_hour_together_lose_nothing(tally, folder):
    barrier = threading.Barrier(8)

    def send() -> None:
        for hour in range(20):
            barrier.wait(60)
            tally.add(SENT, NOW + hour * 3600)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert numbers(tally.take(NOW + 19 * 3600)) == [(HOUR + hour, 8, 0, 0) for hour in range(20)]
    assert [file.name for file in folder.iterdir()] == [path(folder, HOUR + 19).name]  # what is told and over is gone


def test_one_descriptor_is_open_at_most_and_none_when_it_is_gone():
    def open_files() -> int:
        return len(os.listdir("/dev/fd"))

    before = open_files()
    tally = HostTally("a")
    for hour in range(30):
        tally.add(SENT, NOW + hour * 3600)
        assert open_files() == before + 1
    del tally
    assert open_files() == before


def test_a_forked_child_opens_a_file_of_its_own(tally, folder):
    tally.add(SENT, NOW)
    child = os.fork()
    if not child:
        os.closerange(3, 100)  # as a daemon does
        mine = os.open(folder / "other", os.O_WRONLY | os.O_CREAT)  # which gets the number of the one that was closed
        tally.add(SENT, NOW)
        os._exit(os.fstat(mine).st_size)
    assert os.waitpid(child, 0)[1] == 0
    tally.add(SENT, NOW)

    assert numbers(tally.take(NOW)) == [(HOUR, 3, 0, 0)]


def test_files_of_a_host_that_never_tells_are_swept(tally, folder):
    for hour in range(3 * MAX_HOURS):
        tally.add(SENT, NOW + hour * 3600)

    assert len(list(folder.iterdir())) == MAX_HOURS


def test_hours_of_the_future_are_swept_when_a_clock_was_set_back(tally, folder):
    tally.add(SENT, NOW + 99 * 3600)

    assert tally.take(NOW) == []
    assert list(folder.iterdir()) == []


def test_who_read_the_clock_just_before_an_hour_began_takes_nothing_from_those_who_are_in_it(tally):
    begin = (HOUR + 1) * 3600.0
    tally.add(SENT, begin)
    HostTally("a").add(SENT, begin - 0.001)
    tally.add(SENT, begin + 1)

    assert numbers(tally.take(begin - 0.001)) == [(HOUR, 1, 0, 0)]
    assert numbers(tally.take(begin + 1)) == [(HOUR + 1, 2, 0, 0)]


def test_an_hour_that_cannot_be_read_does_not_hide_the_others(tally, folder):
    tally.add(SENT, NOW)
    path(folder, HOUR - 1).mkdir()

    assert numbers(tally.look(NOW)) == numbers(tally.take(NOW)) == [(HOUR, 1, 0, 0)]


def test_a_file_grows_to_a_bound(tally, folder):
    tally.add(SENT, NOW)
    with path(folder).open("ab") as file:
        file.truncate(MAX_FILE_BYTES)
    for _ in range(5000):
        tally.add(SENT, NOW)

    assert MAX_FILE_BYTES <= path(folder).stat().st_size < MAX_FILE_BYTES + 2000
    assert tally.take(NOW)[0].api_requests < 2000
    tally.add(SENT, NOW + 3600)  # the next hour has a file of its own
    assert numbers(tally.take(NOW + 3600)) == [(HOUR + 1, 1, 0, 0)]


@pytest.mark.parametrize("trap", ["link", "folder", "pipe", "gone"])
def test_what_was_planted_there_is_neither_written_nor_waited_for(tally, folder, tmp_path, trap):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("..")
    tally.add(SENT, NOW)
    path(folder).unlink()
    match trap:
        case "link":
            path(folder).symlink_to(elsewhere)
        case "folder":
            path(folder).mkdir()
        case "pipe":
            os.mkfifo(path(folder))
        case "gone":
            folder.rmdir()
    other = HostTally("a")
    other.add(SENT, NOW)

    assert numbers(other.take(NOW)) == ([(HOUR, 1, 0, 0)] if trap == "gone" else [])
    assert elsewhere.read_text() == ".."


def test_where_there_can_be_no_file_nothing_is_counted_and_one_try_is_made_an_hour(tally, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    monkeypatch.setattr("tempfile.tempdir", str(blocked))
    tally.add(SENT, NOW)
    monkeypatch.setattr("tempfile.tempdir", None)
    tally.add(SENT, NOW)
    assert tally.take(NOW) == []
    tally.add(SENT, NOW + 3600)

    assert numbers(tally.take(NOW + 3600)) == [(HOUR + 1, 1, 0, 0)]


def test_a_full_disk_fails_no_request():
    """The limit on the size of files fails a write as a full disk does."""
    written = f"""
import resource, signal
from airflow_provider_orgauth.cache.host_tally import SENT, HostTally
tally = HostTally("a")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5, 5))
for _ in range(20):
    tally.add(SENT, {NOW})
print([hour.api_requests for hour in tally.look({NOW})], tally.take({NOW}))
"""
    done = subprocess.run([sys.executable, "-c", written], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["[5]", "[]"]


@given(written=st.binary(max_size=200), further=st.sampled_from(["b", "a.1", "a..calls", "a.x.calls", "a.-1.calls"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_gives_numbers_that_a_state_can_have(tally, folder, written, further):
    tally.take(NOW)  # makes the folder
    (folder / further).write_bytes(written)
    path(folder).write_bytes(written)

    told = tally.look(NOW)
    assert told == tally.take(NOW)
    assert sum(hour.api_requests for hour in told) <= len(written)
    assert tally.take(NOW) == []
    state = TokenState(server="s", token_server="s").after_hours(told, at=NOW)
    assert sum(hour.api_requests for hour in state.hours) == sum(hour.api_requests for hour in told)
