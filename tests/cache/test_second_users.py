"""Two users of one host: what one prepares in the shared temporary folder, and what that costs the other.

Real users, in children of a process that may become anyone; neither of them has an entry in the list of users.
"""

import errno
import fcntl
import json
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from airflow_provider_orgauth import private_folder as private
from airflow_provider_orgauth.cache.host_file import HostFile
from airflow_provider_orgauth.cache.host_lock import host_lock
from airflow_provider_orgauth.client import schedule
from airflow_provider_orgauth.client.schedule import Gcra, HostSchedule

VICTIM, OTHER = 23456, 23457

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def _two_users():
    if os.getuid() != 0:
        reason = "only root can be two users"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture
def shared(monkeypatch):
    """A temporary folder as /tmp is: everybody's, with a sticky bit."""
    folder = Path(tempfile.mkdtemp(prefix="two-users-", dir="/tmp"))
    folder.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    private.WARNED.clear()
    yield folder
    shutil.rmtree(folder)


def as_user(user, act):
    """Return what ``act`` returns, as JSON has it, in a child that is ``user``."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(writes, json.dumps(act()).encode())
            os._exit(0)
        except BaseException as error:
            os.write(writes, json.dumps(f"{type(error).__name__}: {error}").encode())
            os._exit(1)
    os.close(writes)
    with open(reads) as answer:
        said = json.load(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
    return said


def use_everything():
    """Use all that lies in the private folder; return what came of it, and the warnings."""
    warnings = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: warnings.append(record.getMessage())
    logging.getLogger("airflow_provider_orgauth").addHandler(handler)
    start = time.monotonic()
    with host_lock("a-client", longest_wait=5) as alone:
        written = HostFile("a-client.token").write("sealed")
    read = HostFile("a-client.token").read()
    waits = []
    for _ in range(2):
        try:
            waits.append(HostSchedule("a-limit").reserve(Gcra.of(60), 100.0))
        except OSError:
            waits.append(None)
    return {
        "alone": alone,
        "written": written,
        "read": read,
        "waits": waits,
        "slow": time.monotonic() - start > 4,
        "warnings": warnings,
    }


UNDISTURBED = {"alone": True, "written": True, "read": "sealed", "waits": [0, 1], "slow": False, "warnings": []}


def without(found):
    """Tell whether work went on without a shared folder: at once, and with one warning."""
    (warning,) = found["warnings"]
    assert "Work goes on" in warning
    assert found["waits"] == [None, None]  # a rate limit is then kept by each process for itself
    return found["alone"] and not found["written"] and found["read"] is None and not found["slow"]


def plant_folder(path):
    path.mkdir()
    path.chmod(0o777)
    for name in ("a-client.lock", "a-client.token", "a-limit.rate"):
        (path / name).write_text("planted")
        (path / name).chmod(0o666)


def plant_closed_folder(path):
    plant_folder(path)
    path.chmod(0o755)


def plant_link_to_own_folder(path):
    elsewhere = path.with_name("elsewhere")
    plant_folder(elsewhere)
    path.symlink_to(elsewhere)


PLANTS = {
    "a folder": plant_folder,
    "a folder that only it can write": plant_closed_folder,
    "a link to a folder": plant_link_to_own_folder,
    "a link to nothing": lambda path: path.symlink_to("/nowhere"),
    "a link to a folder of the victim's": lambda path: path.symlink_to(path.with_name("victims")),
    "a file": lambda path: path.write_text("planted"),
    "a hard link": lambda path: (path.with_name("own").write_text(""), os.link(path.with_name("own"), path)),
    "a pipe": os.mkfifo,
    "a socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_what_another_user_planted_in_the_folders_place(shared, plant):
    as_user(VICTIM, lambda: (shared / "victims").mkdir(mode=0o700))
    as_user(OTHER, lambda: PLANTS[plant](shared / f"airflow-orgauth-{VICTIM}") and None)
    found = as_user(VICTIM, use_everything)

    assert without(found)
    assert list((shared / "victims").iterdir()) == []
    planted = [path for path in shared.rglob("*") if path.is_file() and path.stat().st_size]
    assert {path.read_text() for path in planted} <= {"planted"}


@pytest.mark.parametrize("plant", ["a file", "a pipe", "a link to nothing"])
def test_what_is_ones_own_and_no_folder(shared, plant):
    as_user(VICTIM, lambda: PLANTS[plant](shared / f"airflow-orgauth-{VICTIM}") and None)
    found = as_user(VICTIM, use_everything)

    assert without(found)
    assert "is no folder" in found["warnings"][0]


def test_a_device_in_the_folders_place(shared):
    os.mknod(shared / f"airflow-orgauth-{VICTIM}", 0o20666, os.makedev(1, 3))

    assert without(as_user(VICTIM, use_everything))


def test_a_lock_that_another_user_holds_for_ever(shared):
    folder = shared / f"airflow-orgauth-{VICTIM}"
    as_user(OTHER, lambda: plant_folder(folder))
    with (folder / "a-client.lock").open("rb") as lock, (folder / "a-limit.rate").open("rb") as limit:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fcntl.flock(limit, fcntl.LOCK_EX)

        assert without(as_user(VICTIM, use_everything))


def test_another_user_can_neither_read_nor_lock_nor_change_nor_move_what_is_there(shared):
    assert as_user(VICTIM, use_everything) == UNDISTURBED
    folder = shared / f"airflow-orgauth-{VICTIM}"

    def attack():
        came = []
        for act in (
            lambda: os.listdir(folder),
            lambda: os.open(folder / "a-client.lock", os.O_RDONLY),
            (folder / "a-client.token").read_text,
            lambda: (folder / "a-client.token").write_text("planted"),
            lambda: os.link(folder / "a-client.token", shared / "mine"),
            lambda: folder.rename(shared / "away"),
            lambda: shutil.rmtree(folder),
            lambda: folder.chmod(0o777),
            (folder / "new").mkdir,
        ):
            try:
                act()
                came.append("done")
            except PermissionError:
                came.append("refused")
        return came

    assert set(as_user(OTHER, attack)) == {"refused"}
    assert as_user(VICTIM, use_everything)["read"] == "sealed"


def test_both_users_have_their_own(shared):
    assert as_user(VICTIM, use_everything) == as_user(OTHER, use_everything) == UNDISTURBED


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_with_any_umask(shared, mask):
    before = os.umask(mask)
    try:
        found = as_user(VICTIM, use_everything)
    finally:
        os.umask(before)

    modes = {path.stat().st_mode & 0o077 for path in (shared / f"airflow-orgauth-{VICTIM}", *shared.rglob("a-*"))}
    assert modes == {0}
    assert found == UNDISTURBED


def test_a_folder_of_ones_own_that_others_can_write(shared):
    folder = shared / f"airflow-orgauth-{VICTIM}"
    as_user(VICTIM, lambda: (folder.mkdir(), folder.chmod(0o777), None)[-1])
    as_user(OTHER, lambda: (folder / "a-client.lock").symlink_to("/nowhere"))

    assert without(as_user(VICTIM, use_everything))


def test_without_a_sticky_bit_any_user_could_put_another_folder_in_its_place(shared):
    shared.chmod(0o777)
    found = as_user(VICTIM, use_everything)

    assert without(found)
    assert "chmod +t" in found["warnings"][0]
    assert list(shared.iterdir()) == []


def test_a_temporary_folder_of_ones_own_needs_no_sticky_bit(shared):
    os.chown(shared, VICTIM, VICTIM)
    shared.chmod(0o755)

    assert as_user(VICTIM, use_everything) == UNDISTURBED


@pytest.mark.parametrize("options", ["ro", "nr_inodes=1"])
def test_a_temporary_folder_that_is_full_or_read_only(shared, options):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=1777,{options}", "none", shared], check=False)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        assert without(as_user(VICTIM, use_everything))
    finally:
        subprocess.run(["umount", shared], check=True)


def test_no_temporary_folder_at_all(shared, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(shared / "gone"))

    assert without(as_user(VICTIM, use_everything))


def refused(*_):
    """Be flock on a file system without locks, such as NFS without its lock service."""
    raise OSError(errno.ENOLCK, "No locks available")


def test_a_file_system_without_locks_leaves_no_descriptor_open(shared, monkeypatch):
    monkeypatch.setattr(schedule.fcntl, "flock", refused)

    def use():
        before = len(os.listdir("/proc/self/fd"))
        found = [use_everything() for _ in range(20)]
        return [len(os.listdir("/proc/self/fd")) - before, found[-1]["written"], found[-1]["slow"], found[-1]["waits"]]

    assert as_user(VICTIM, use) == [0, True, False, [None, None]]
