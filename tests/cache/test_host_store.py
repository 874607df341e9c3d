"""What a host's processes keep for each other: the last token, and its refresh token for one of them."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from forked import in_child
from listed_texts import SEAL, Texts, generation

from airflow_provider_orgauth.cache.host_store import HostStore
from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.shared_store import SharedStore
from airflow_provider_orgauth.cache.token_record import to_text

TAKES = """
import sys
from airflow_provider_orgauth.cache.host_store import HostStore
from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.oauth.token import Token
of = Token("token-2", 98.0, 300.0, generation=2)
store = HostStore("some", Seal("now"))
print("ready", flush=True)
sys.stdin.readline()
taken = store.take_refresh_token(of)
print(taken.refresh_token if taken else "", flush=True)
sys.stdin.readline()
"""


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def host():
    return HostStore("some", SEAL)


@pytest.fixture
def store(host):
    return SharedStore(Texts("t"), SEAL, SharedLease(Texts("l")), host=host)


WITH_REFRESH = generation(2, refresh_token="secret-refresh", refresh_lifetime=3600.0)
TOKEN = WITH_REFRESH.without_refresh_token()


def taker():
    command, pipes = [sys.executable, "-c", TAKES], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, **pipes)
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_refresh_token_stays_on_the_host_and_only_there(store, folder):
    assert store.save(WITH_REFRESH) == TOKEN  # this process has none any more
    assert store.load() == TOKEN
    assert {file.name for file in folder.iterdir()} == {"some.token", "some.refresh", "some.shared"}
    for file in folder.iterdir():
        assert "secret" not in file.read_text()
    assert "secret-refresh" not in SEAL.open((folder / "some.token").read_text())


def test_of_many_processes_one_gets_it(host):
    host.keep_refresh_token(WITH_REFRESH)
    takers = [taker() for _ in range(5)]
    try:
        for process in takers:
            process.stdin.write("now\n")
            process.stdin.flush()
        got = [process.stdout.readline().strip() for process in takers]
    finally:
        for process in takers:
            process.kill()
            process.communicate()

    assert sorted(got) == ["", "", "", "", "secret-refresh"]


def test_whoever_is_killed_with_it_takes_it_along(host):
    """It may have been sent, and nobody can tell."""
    host.keep_refresh_token(WITH_REFRESH)
    process = taker()
    process.stdin.write("now\n")
    process.stdin.flush()
    assert process.stdout.readline() == "secret-refresh\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert host.take_refresh_token(TOKEN) is None


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_and_its_parent_do_not_both_get_it(host):
    host.keep_refresh_token(WITH_REFRESH)

    assert in_child(lambda: host.take_refresh_token(TOKEN)) == WITH_REFRESH
    assert host.take_refresh_token(TOKEN) is None


@pytest.mark.parametrize("of", [generation(3), generation(1)], ids=["newer", "older"])
def test_one_that_came_with_another_token_is_thrown_away(host, of):
    host.keep_refresh_token(WITH_REFRESH)

    assert host.take_refresh_token(of) is None
    assert host.take_refresh_token(TOKEN) is None


def test_a_text_that_was_put_back_brings_no_refresh_token(store, host):
    texts = store._texts
    store.save(WITH_REFRESH)
    before = list(texts.texts)
    assert host.take_refresh_token(TOKEN) == WITH_REFRESH
    store.save(generation(3))
    texts.texts = before

    assert store.load() == generation(3)  # this host knows better
    assert store.take_refresh_token(TOKEN) is None


@pytest.mark.parametrize("trouble", ["away", "hidden", "of another key", "read-only"])
def test_where_the_texts_are_of_no_use_the_processes_of_a_host_share_all_the_same(host, trouble):
    about = {"failure": OSError()} if trouble == "away" else {}
    there = {"hidden": ["something else"], "of another key": [Seal("before").close(to_text(generation(9)))]}
    texts = Texts("t", *there.get(trouble, []), **about)
    texts.write = _refuse if trouble == "read-only" else lambda text: None
    first, second = (SharedStore(texts, SEAL, host=HostStore("some", SEAL)) for _ in range(2))
    first.save(WITH_REFRESH)

    assert second.load() == TOKEN
    assert second.take_refresh_token(TOKEN) == WITH_REFRESH


def _refuse(text):
    raise PermissionError


def test_what_somebody_deletes_is_forgotten_on_the_hosts_that_know_it(host):
    """Whoever deletes it wants a new one: so it was before hosts kept it, too."""
    texts = Texts("t")
    SharedStore(texts, SEAL, host=HostStore("some", SEAL)).save(WITH_REFRESH)
    texts.texts = []
    store = SharedStore(texts, SEAL, host=host)

    assert store.load() is None
    assert host.load() is None
    assert host.take_refresh_token(TOKEN) is None
    older = generation(1)
    assert store.save(older) == older
    assert SharedStore(texts, SEAL, host=host).load() == older


def test_what_came_from_another_host_is_forgotten_with_it(host):
    texts = Texts("t", SEAL.close(to_text(TOKEN)))
    store = SharedStore(texts, SEAL, host=host)
    assert store.load() == TOKEN
    texts.texts = []

    assert store.load() is None


def test_a_write_that_landed_without_an_answer_is_shared_once_it_is_read(host):
    texts = Texts("t")
    texts.write = _refuse
    store = SharedStore(texts, SEAL, host=host)
    store.save(TOKEN)
    assert store.load() == TOKEN
    texts.texts = [SEAL.close(to_text(TOKEN))]
    assert store.load() == TOKEN
    texts.texts = []

    assert store.load() is None


def test_what_one_process_read_the_others_of_its_host_know(host):
    texts = Texts("t", SEAL.close(to_text(TOKEN)))
    SharedStore(texts, SEAL, host=host).load()
    texts.failure = OSError()

    assert SharedStore(texts, SEAL, host=HostStore("some", SEAL)).load() == TOKEN


def test_an_older_token_is_not_written_over_a_newer_one(host):
    host.save(generation(3), is_shared=True)
    host.save(generation(2), is_shared=True)

    assert host.load() == generation(3)


@pytest.mark.parametrize("planted", [b"", b"orgauth1:", b"\xff", b"{}", Seal("other").close("{}").encode()])
def test_what_cannot_be_opened_is_none(host, folder, planted, caplog):
    host.save(generation(2), is_shared=True)
    host.keep_refresh_token(WITH_REFRESH)
    for name in ("some.token", "some.refresh"):
        (folder / name).write_bytes(planted)

    assert host.load() is None
    assert host.take_refresh_token(TOKEN) is None
    assert caplog.text == ""
    host.save(TOKEN, is_shared=True)
    assert host.load() == TOKEN


def test_where_there_can_be_no_file_the_process_keeps_its_refresh_token(store, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    monkeypatch.setattr("tempfile.tempdir", str(blocked))

    assert store.save(WITH_REFRESH) == WITH_REFRESH
    assert store.load() == TOKEN
