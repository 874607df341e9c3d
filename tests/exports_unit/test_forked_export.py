"""A forked child leaves its parent's export alone: nothing is written twice, put in order or kept locked."""

from __future__ import annotations

import gc
import json
import os
import signal

import pytest
from exports_unit.pages_of_a_list import DictStore, ListOfPages, sha256_of
from forked import in_child
from fsspec.implementations.local import LocalFileSystem

from airflow_provider_orgauth.exceptions import ForkedProcessError
from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.object_sink import ObjectSink

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

BODIES = [json.dumps([{"id": 3 * page + n, "name": "é"} for n in range(3)]) for page in range(6)]


class ForkingPages(ListOfPages):
    """A list during whose walk children are forked: before page 3, and after the last one.

    :ivar comes_back: called in the child, where a user's function was called.
    """

    def _pages(self, walk, stop_before, error):
        for page in super()._pages(walk, stop_before, error):
            if page.number == 3:
                self._fork()
            yield page
        self._fork()

    def _fork(self):
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(60)
            self.comes_back()
        else:
            os.waitpid(child, 0)


def _return():
    pass


def _raise():
    raise SystemExit(3)


LANDINGS = {
    "folder": LocalSink,
    "store": lambda path, key: ObjectSink(LocalFileSystem(), path, key=key, protocol="sftp"),
}


@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
@pytest.mark.parametrize("comes_back", [_return, _raise])
@pytest.mark.parametrize("make_landing", LANDINGS.values(), ids=LANDINGS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_the_file_is_the_parents_alone(tmp_path, capfd, name, make_landing, comes_back, store):
    alone = ListOfPages(tmp_path / "alone" / name, BODIES, cut_bytes=10_000)
    alone.export()
    pages = ForkingPages(tmp_path / "forked" / name, BODIES, store, cut_bytes=10_000, unique_by="id")
    pages.comes_back = comes_back
    parent, (outcomes, outcome) = os.getpid(), os.pipe()
    try:
        manifest = pages.export(sink=make_landing(str(pages.path), key="k"))
        came = "exported"
    except BaseException as error:
        came = type(error).__name__
    if os.getpid() != parent:
        gc.collect()
        os.write(outcome, f"{came} ".encode())
        os._exit(0)

    assert came == "exported"
    assert (
        os.read(outcomes, 1000).decode().split()
        == ["ForkedProcessError" if comes_back is _return else "SystemExit"] * 2
    )
    assert sha256_of(pages.path) == sha256_of(alone.path) == manifest["sha256"]
    assert pages.left_behind() == []
    assert "stopped" not in capfd.readouterr().out
    assert store is None or store.saved is None


@pytest.mark.parametrize("make_landing", LANDINGS.values(), ids=LANDINGS)
def test_a_landing_that_the_parent_began_is_refused(tmp_path, make_landing):
    sink = make_landing(str(tmp_path / "a.jsonl"), key="k")
    sink.begin()
    sink.write(b"1\n")

    def write_on():
        for act in (sink.save, sink.complete):
            with pytest.raises(ForkedProcessError, match="This export began in the process that forked this one"):
                act()
        sink.leave()
        sink.discard()
        gc.collect()

    in_child(write_on, leaves=True)
    sink.write(b"2\n")
    sink.complete()

    assert (tmp_path / "a.jsonl").read_bytes() == b"1\n2\n"


def test_a_child_that_outlives_its_parent_does_not_keep_the_file_locked(tmp_path):
    def make():
        return LocalSink(str(tmp_path / "a.jsonl"), key="k")

    waits, ends = os.pipe()
    is_there, tells = os.pipe()

    def die_with_a_child():
        sink = make()
        sink.begin()
        sink.write(b"1\n")
        sink.cut()
        if os.fork() == 0:
            os.write(tells, b"!")
            os.close(ends)
            os.read(waits, 1)
            os._exit(0)
        os.read(is_there, 1)  # until the child's own code runs, it has all that its parent has
        return sink.save()

    saved = in_child(die_with_a_child)
    sink = make()
    sink.resume(saved)
    sink.write(b"2\n")
    sink.complete()
    for descriptor in (ends, waits, is_there, tells):
        os.close(descriptor)

    assert (tmp_path / "a.jsonl").read_bytes() == b"1\n2\n"
