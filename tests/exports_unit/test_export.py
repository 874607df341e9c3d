"""One export, from page to file: what it leaves where it stops, and who is told what."""

import json
import os

import pytest
from exports_unit.pages_of_a_list import DictStore, ListOfPages, Stop, sha256_of
from fsspec.implementations.local import LocalFileSystem

from airflow_provider_orgauth.exceptions import ConfigurationError, IncompleteListError, ResponseError
from airflow_provider_orgauth.exports.local import LocalLanding

BODIES = [json.dumps([{"id": 3 * page + n, "name": "é"} for n in range(3)]) for page in range(4)]
TWICE = [*BODIES[:2], json.dumps([{"id": 1, "again": True}, {"id": 2, "again": True}, {"id": 50}]), *BODIES[2:]]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out" / "a.jsonl"


def ids(path):
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
def test_all_pages_and_their_manifest(file, store):
    pages = ListOfPages(file, BODIES, store)

    manifest = pages.export()

    assert ids(file) == list(range(12))
    assert manifest == {
        "path": str(file),
        "records": 12,
        "pages": 4,
        "bytes": file.stat().st_size,
        "sha256": sha256_of(file),
        "total": None,
        "total_at_start": None,
        "total_changes": 0,
        "duplicates": 0,
        "missing": 0,
        "doubt": None,
        "duration": 0.0,
    }
    assert pages.left_behind() == []
    assert store is None or store.saved is None


def test_the_final_name_appears_at_the_end_only(file):
    file.parent.mkdir()
    file.write_text("yesterday's")
    pages = ListOfPages(file, BODIES, DictStore())

    with pytest.raises(Stop):
        pages.export(stop_before=4)
    assert file.read_text() == "yesterday's"
    pages.export()
    assert ids(file) == list(range(12))


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("stop_before", [0, 1, 4])
@pytest.mark.parametrize("unique_by", [None, "id"])
def test_without_a_store_a_try_that_stops_leaves_nothing(file, error, stop_before, unique_by):
    pages = ListOfPages(file, BODIES, unique_by=unique_by)

    with pytest.raises(error):
        pages.export(stop_before=stop_before, error=error)

    assert not file.exists()
    assert pages.left_behind() == []


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt])
def test_the_next_try_goes_on_after_the_last_cut(file, error):
    pages = ListOfPages(file, BODIES, DictStore())

    with pytest.raises(error):
        pages.export(stop_before=2, error=error)
    assert pages.left_behind() == [".a.jsonl.k.part"]
    manifest = pages.export()

    assert pages.fetched == [0, 1, 2, 3]
    assert ids(file) == list(range(12))
    assert manifest["sha256"] == sha256_of(file)


def test_what_was_written_after_the_last_cut_is_written_again(file):
    pages = ListOfPages(file, BODIES, DictStore(), cut_bytes=100)  # each second page

    with pytest.raises(Stop):
        pages.export(stop_before=3)
    pages.export()

    assert pages.fetched == [0, 1, 2, 2, 3]
    assert ids(file) == list(range(12))


def test_a_part_that_is_gone_or_too_short_is_begun_anew(file):
    for spoil in (os.unlink, lambda part: os.truncate(part, 5)):
        pages = ListOfPages(file, TWICE, DictStore(), unique_by="id")
        with pytest.raises(Stop):
            pages.export(stop_before=4)
        spoil(file.with_name(".a.jsonl.k.part"))

        assert pages.export()["duplicates"] == 2
        assert ids(file) == [0, 1, 2, 3, 4, 5, 50, 6, 7, 8, 9, 10, 11]
        assert pages.left_behind() == []


def test_notes_that_are_gone_are_missed_and_it_begins_anew(file):
    pages = ListOfPages(file, TWICE, DictStore(), unique_by="id")
    with pytest.raises(Stop):
        pages.export(stop_before=2)
    next((file.parent / ".a.jsonl.k.notes").iterdir()).unlink()

    assert pages.export()["duplicates"] == 2
    assert pages.fetched == [0, 1, 0, 1, 2, 3, 4]
    assert pages.left_behind() == []


@pytest.mark.parametrize("unique_by", [None, "id"])
def test_what_was_left_for_another_purpose_is_not_gone_on_with(file, unique_by):
    store = DictStore()
    with pytest.raises(Stop):
        ListOfPages(file, TWICE, store, unique_by=unique_by, purpose="other").export(stop_before=4)
    pages = ListOfPages(file, BODIES, store, unique_by=unique_by)

    pages.export()

    assert pages.fetched == [0, 1, 2, 3]
    assert ids(file) == list(range(12))
    assert pages.left_behind() == []


class HiccupingFileSystem(LocalFileSystem):
    """Cannot write its second file."""

    cachable = False
    writes = 0

    def pipe_file(self, path, value, mode="overwrite", **kwargs):
        self.writes += 1
        if self.writes == 2:
            raise OSError("hiccup")
        super().pipe_file(path, value, mode, **kwargs)


def test_notes_that_could_not_be_written_are_not_taken_for_written(file):
    """The next try must know the keys of all that is in the file."""
    pages = ListOfPages(file, TWICE, DictStore(), unique_by="id")
    pages.notes_fs = HiccupingFileSystem()
    with pytest.raises(OSError, match="hiccup"):
        pages.export()
    assert json.loads(pages.store.saved)["tally"]["pages"] == 2

    assert pages.export()["duplicates"] == 2
    assert ids(file) == [0, 1, 2, 3, 4, 5, 50, 6, 7, 8, 9, 10, 11]


class Totals(ListOfPages):
    """Each page says another total."""

    def _pages(self, walk, stop_before, error):
        for page in super()._pages(walk, stop_before, error):
            yield type(page)(page.number, page.records, 10 + page.number)


@pytest.mark.parametrize("unique_by", [None, "id"])
@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
def test_strict_fails_and_begins_anew(file, store, unique_by):
    pages = Totals(file, BODIES, store, unique_by=unique_by, strict=True)

    for _ in range(2):
        with pytest.raises(IncompleteListError, match=r"the total moved from 11 to 14.*2 of 14 records did not come"):
            pages.export()
        assert not file.exists()
        assert pages.left_behind() == []
    assert pages.fetched == [0, 1, 2, 3] * 2


def test_without_strict_it_is_counted_and_said(file, caplog):
    manifest = Totals(file, TWICE, unique_by="id").export()

    assert (manifest["total"], manifest["total_at_start"], manifest["total_changes"]) == (15, 11, 4)
    assert (manifest["records"], manifest["duplicates"], manifest["missing"]) == (13, 2, 0)
    assert "The list changed while it was read: 2 records came twice." in caplog.messages


class BrokenStore(DictStore):
    """Fails in everything, or in some."""

    def __init__(self, *broken):
        super().__init__()
        self.broken = broken

    def load(self):
        return self._unless_broken("load")

    def save(self, state):
        return self._unless_broken("save", state)

    def clear(self):
        return self._unless_broken("clear")

    def _unless_broken(self, what, *arguments):
        if what in self.broken:
            raise RuntimeError("the store is broken")
        return getattr(super(), what)(*arguments)


BREAKS = [("load",), ("save",), ("clear",), ("load", "save", "clear")]


@pytest.mark.parametrize("broken", BREAKS, ids="+".join)
@pytest.mark.parametrize("unique_by", [None, "id"])
def test_a_store_that_fails_does_not_fail_an_export(file, caplog, broken, unique_by):
    pages = ListOfPages(file, BODIES, BrokenStore(*broken), unique_by=unique_by)

    assert pages.export()["records"] == 12
    assert ids(file) == list(range(12))
    assert pages.left_behind() == []
    assert len([text for text in caplog.messages if "is not kept" in text]) == 1


@pytest.mark.parametrize("broken", BREAKS, ids="+".join)
@pytest.mark.parametrize("strict", [False, True])
def test_a_store_that_fails_never_hides_the_real_error(file, broken, strict):
    pages = Totals(file, BODIES, BrokenStore(*broken), strict=strict)

    with pytest.raises(IncompleteListError if strict else Stop):
        pages.export(stop_before=None if strict else 2)
    assert not file.exists()
    if not strict:
        assert pages.export()["records"] == 12
        assert ids(file) == list(range(12))


class FailingLanding(LocalLanding):
    """Fails in one of its methods, at the second call."""

    def __init__(self, path, *, fails_in, error, before=False):
        super().__init__(path, key="k")
        self._calls = 0
        method = getattr(self, fails_in)

        def failing(*arguments):
            self._calls += 1
            if self._calls == 2 and before:
                raise error
            result = method(*arguments)
            if self._calls == 2:
                raise error
            return result

        setattr(self, fails_in, failing)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("fails_in", ["cut", "save", "write"])
@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()], ids=["error", "signal"])
@pytest.mark.parametrize("unique_by", [None, "id"])
def test_a_landing_that_fails_midway_leaves_what_can_be_gone_on_with(file, fails_in, error, before, unique_by):
    """Between a landing's step and what is known of it, too: a signal comes when it comes."""
    pages = ListOfPages(file, TWICE, DictStore(), unique_by=unique_by)
    with pytest.raises(type(error)):
        pages.export(landing=FailingLanding(str(file), fails_in=fails_in, error=error, before=before))
    pages.export()
    undisturbed = ListOfPages(file.with_name("b.jsonl"), TWICE, unique_by=unique_by)
    undisturbed.export()

    assert file.read_bytes() == undisturbed.path.read_bytes()


@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
def test_a_discard_that_fails_never_hides_the_real_error(file, store):
    class Stuck(LocalLanding):
        def discard(self):
            raise OSError("stuck")

    with pytest.raises(IncompleteListError):
        Totals(file, BODIES, store, strict=True).export(landing=Stuck(str(file), key="k"))
    with pytest.raises(Stop):
        ListOfPages(file, BODIES, store).export(stop_before=1, landing=Stuck(str(file), key="k"))


def test_records_that_the_arguments_do_not_fit_leave_nothing(file):
    pages = ListOfPages(file, ['[{"id": 1}, {"n": 2}]'], unique_by="id")

    with pytest.raises(ResponseError, match="no field 'id'"):
        pages.export()
    assert pages.left_behind() == []


def test_a_folder_is_refused_before_anything_is_fetched(tmp_path):
    pages = ListOfPages(tmp_path / "folder", BODIES)
    pages.path.mkdir()

    with pytest.raises(ConfigurationError, match=r"^output_path: is a folder"):
        pages.export()
    assert pages.fetched == []
    assert pages.left_behind() == []


def test_an_empty_list_is_an_empty_file(file):
    manifest = ListOfPages(file, ["[]"]).export()

    assert file.read_bytes() == b""
    assert (manifest["records"], manifest["pages"], manifest["bytes"]) == (0, 1, 0)
