"""One renewal at a time on a host, and nobody stopped by it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from forked import in_child

from airflow_provider_orgauth.cache.host_lock import host_lock

HOLDER = """
import sys, time
from airflow_provider_orgauth.cache.host_lock import host_lock
with host_lock(sys.argv[1], longest_wait=5):
    print("held", flush=True)
    time.sleep(60)
"""


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def holder():
    """A process that holds the lock ``shared``."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, "shared"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def seconds_for(name, **about):
    started = time.monotonic()
    with host_lock(name, **about):
        return time.monotonic() - started


def test_another_process_waits_and_in_the_end_goes_on_without(holder):
    assert seconds_for("shared", longest_wait=0.3) >= 0.3
    assert seconds_for("another", longest_wait=5) < 5


def test_a_holder_that_dies_stops_nobody(holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    assert seconds_for("shared", longest_wait=30) < 30


def test_where_no_lock_file_can_be_written_work_goes_on(monkeypatch, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    monkeypatch.setenv("TMPDIR", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(blocked))

    assert seconds_for("shared", longest_wait=5) < 5


@pytest.mark.parametrize("trap", ["link", "open"])
def test_a_folder_that_others_can_write_is_not_used(tmp_path, trap):
    folder = tmp_path / f"airflow-orgauth-{os.getuid()}"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if trap == "link":
        folder.symlink_to(elsewhere)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with host_lock("shared", longest_wait=5):
        assert list(elsewhere.iterdir()) == []
        assert trap == "link" or list(folder.iterdir()) == []


def test_the_lock_file_is_its_users_own(tmp_path):
    with host_lock("shared", longest_wait=5):
        (file,) = (tmp_path / f"airflow-orgauth-{os.getuid()}").iterdir()
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_release_its_parents_lock():
    held = host_lock("shared", longest_wait=5)
    with held:
        in_child(lambda: held.__exit__(None, None, None))

        with host_lock("shared") as alone:
            assert not alone
    with host_lock("shared") as alone:
        assert alone


def test_a_forked_child_does_not_keep_the_lock_of_a_parent_that_died():
    forks = HOLDER.replace("print(", "import os\n    if os.fork() == 0: os._exit(len(sys.stdin.read()))\n    print(")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", forks, "shared"], **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait()

        with host_lock("shared", longest_wait=5) as alone:  # while the child is there, until its input ends
            assert alone
