"""One export, from page to file: what it leaves where it stops, and who is told what."""

import json
import os

import pytest
from exports_unit.mortal import Life, MortalStore, killed
from exports_unit.pages_of_a_list import DictStore, ListOfPages, Stop, sha256_of
from fsspec.implementations.local import LocalFileSystem

from airflow_provider_orgauth.exceptions import ConfigurationError, IncompleteListError, ResponseError
from airflow_provider_orgauth.exports import pending_lines
from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.side_files import SideFiles

BODIES = [json.dumps([{"id": 3 * page + n, "name": "é"} for n in range(3)]) for page in range(4)]
LONG = [body.replace("e9", f"{0xE0 + turn:x}") for turn in range(10) for body in BODIES]
"""Ten times as many pages, as long and all different."""
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
        "bytes_read": sum(len(body.encode()) for body in BODIES),
        "sha256": sha256_of(file),
        "total": None,
        "total_at_start": None,
        "total_changes": 0,
        "duplicates": 0,
        "missing": 0,
        "warning": None,
        "overlap": None,
        "credential_fields": [],
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
def test_the_next_attempt_goes_on_after_the_last_cut(file, error):
    pages = ListOfPages(file, BODIES, DictStore())

    with pytest.raises(error):
        pages.export(stop_before=2, error=error)
    assert pages.left_behind() == [part_of(pages).name]
    manifest = pages.export()

    assert pages.fetched == [0, 1, 2, 3]
    assert ids(file) == list(range(12))
    assert manifest["sha256"] == sha256_of(file)


@pytest.mark.parametrize("has_time_to_save", [True, False])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_what_came_after_the_last_cut_is_not_fetched_again(file, caplog, suffix, has_time_to_save):
    """It has none: all that an encoding gives is less than a cut."""
    caplog.set_level("INFO")
    pages = ListOfPages(file.with_suffix(suffix), BODIES, DictStore(), cut_bytes=10_000)
    undisturbed = ListOfPages(file.with_name(f"b{suffix}"), BODIES)
    undisturbed.cut_bytes = 10_000
    undisturbed.export()

    for stop_before in (1, 3):
        with pytest.raises(Stop):
            pages.export(stop_before=stop_before, timer=None if has_time_to_save else lambda: 0.0)
    pages.export()

    assert pages.fetched == [0, 1, 2, 3]
    assert pages.path.read_bytes() == undisturbed.path.read_bytes()
    assert pages.left_behind() == [undisturbed.path.name]
    assert [text for text in caplog.messages if "Resuming" in text or "stopped after" in text] == [
        "The export stopped after page 1 (3 records, 87 B read). The next attempt resumes there.",
        "Resuming after page 1 (3 records, 87 B read), where an earlier attempt stopped.",
        "The export stopped after page 3 (9 records, 261 B read). The next attempt resumes there.",
        "Resuming after page 3 (9 records, 261 B read), where an earlier attempt stopped.",
    ]
    assert not [text for text in caplog.messages if "Starting" in text]


def test_an_attempt_that_is_killed_resumes_after_the_last_page_that_was_saved(file):
    """Of a file whose first cut never comes; each page takes two seconds."""
    last = len(BODIES)
    for steps in range(200):
        pages = ListOfPages(file.with_name(f"{steps}.jsonl.gz"), BODIES, MortalStore(), cut_bytes=10_000)
        if not killed(pages, steps):
            break
        saved = json.loads(pages.store.saved)["tally"]["pages"] if pages.store.saved else 0
        fetched = len(pages.fetched)
        assert fetched - saved in {0, 1} or pages.store.saved is None
        pages.store.life, pages.notes_fs = Life(1000), LocalFileSystem()
        pages.export()
        assert pages.fetched[fetched:] == list(range(saved, last)) or pages.path.exists()
    assert steps > 50


def test_lines_that_come_too_fast_are_given_up_until_the_next_cut(file, monkeypatch):
    """In memory wait no more than so many; a state that lacks some is never saved."""
    monkeypatch.setattr(pending_lines, "MAX_PENDING_BYTES", 100)
    pages = ListOfPages(file, LONG[:12], DictStore(), cut_bytes=190)  # each third page
    with pytest.raises(Stop):
        pages.export(stop_before=8, timer=lambda: 0.0)
    assert json.loads(pages.store.saved)["tally"]["pages"] == 0
    pages.export()

    assert pages.fetched == [*range(8), *range(12)]
    assert len(ids(file)) == 36


def test_one_page_may_be_larger_than_what_may_wait(file, monkeypatch):
    """Where it comes once in two seconds, it is kept all the same."""
    monkeypatch.setattr(pending_lines, "MAX_PENDING_BYTES", 1)
    pages = ListOfPages(file, BODIES, DictStore(), cut_bytes=10_000)
    with pytest.raises(Stop):
        pages.export(stop_before=3)
    pages.export()

    assert pages.fetched == [0, 1, 2, 3]


def begin(file, *, store=None, **arguments):
    pages = ListOfPages(file, TWICE, store or DictStore(), **arguments)
    with pytest.raises(Stop):
        pages.export(stop_before=4)
    return pages


def part_of(pages):
    """The hidden file that an attempt has left."""
    return next(pages.path.parent.glob(".a.jsonl.k.*.part"))


def _rewrite(part):
    with part.open("r+b") as file:
        file.write(b"X")


def _in(folder):
    return next((folder).iterdir())


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda pages: setattr(pages, "purpose", "q"), "an earlier attempt had other arguments (fields)"),
        (lambda pages: setattr(pages, "store", None), "no state is kept from one attempt to the next here"),
        (lambda pages: setattr(pages, "store", BrokenStore("load")), "the task's state could not be read"),
        (lambda pages: pages.store.clear(), "no earlier attempt has left where it stopped"),
        (lambda pages: part_of(pages).unlink(), "its hidden file is gone"),
        (lambda pages: os.truncate(part_of(pages), 5), "its hidden file is shorter"),
        (lambda pages: _rewrite(part_of(pages)), "what is kept of the file is not what an earlier attempt wrote"),
        (lambda pages: _in(pages.path.with_name(".a.jsonl.k.keys")).unlink(), "a hidden file (keys) of the earlier"),
        (lambda pages: _in(pages.path.with_name(".a.jsonl.k.tail")).unlink(), "a hidden file (tail) of the earlier"),
        (
            lambda pages: _in(pages.path.with_name(".a.jsonl.k.tail")).write_text("other\n"),
            "a hidden file (tail) of the earlier attempt is not as it was written",
        ),
    ],
)
def test_why_it_starts_from_the_first_page_is_said(file, caplog, spoil, reason):
    caplog.set_level("INFO")
    pages = begin(file, unique_by="id", cut_bytes=100)
    spoil(pages)
    manifest = pages.export()

    starts = [text for text in caplog.messages if text.startswith("Starting")]
    assert len(starts) == 1
    assert starts[0].startswith(f"Starting from the first page: {reason}")
    assert not [text for text in caplog.messages if text.startswith("Resuming")]
    assert pages.fetched == [*range(4), *range(5)]
    assert (manifest["records"], manifest["duplicates"], manifest["sha256"]) == (13, 2, sha256_of(file))
    assert ids(file) == [0, 1, 2, 3, 4, 5, 50, 6, 7, 8, 9, 10, 11]
    assert pages.store is None or pages.left_behind() == []


def test_a_first_attempt_says_nothing_of_any_other(file, caplog):
    caplog.set_level("INFO")
    for store in (None, DictStore()):
        ListOfPages(file, BODIES, store).export()

    assert not [text for text in caplog.messages if "earlier attempt" in text]


def test_a_first_page_that_does_not_come_is_no_page_after_which_one_resumes(file, caplog):
    caplog.set_level("INFO")
    pages = ListOfPages(file, BODIES, DictStore())
    with pytest.raises(Stop):
        pages.export(stop_before=0)
    assert (pages.left_behind(), pages.store.saved) == ([], None)
    pages.export()

    assert caplog.messages[:2] == [
        "The export stopped before a page came. The next attempt starts from the first page.",
        "Starting from the first page: no earlier attempt has left where it stopped.",
    ]


@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
def test_a_list_that_ends_badly_says_how_far_it_was(file, caplog, store):
    bodies = [*BODIES[:2], '[{"id": 6}, {"id": 7}'] if store is None else BODIES[:2] * 2
    pages = ListOfPages(file, bodies, store)
    with pytest.raises(ResponseError):
        pages.export()

    then = "starts from the first page" if store is None else "resumes there"
    assert f"The export stopped after page 2 (6 records, 174 B read). The next attempt {then}." in caplog.messages


@pytest.mark.parametrize("kind", ["tail", "keys"])
@pytest.mark.parametrize("adds", range(1, 4))
def test_a_signal_in_the_middle_of_a_save_doubles_nothing(file, monkeypatch, kind, adds):
    """The lines are in a note already, and still wait to be written to one."""
    add, added = SideFiles.add, []

    def interrupted(side_files, data):
        add(side_files, data)
        added.append(side_files._kind)
        if added.count(kind) == adds and added[-1] == kind:
            raise KeyboardInterrupt

    undisturbed = ListOfPages(file.with_name("b.jsonl"), TWICE, unique_by="id", cut_bytes=10_000)
    undisturbed.export()
    pages = ListOfPages(file, TWICE, DictStore(), unique_by="id", cut_bytes=10_000)
    with monkeypatch.context() as patch:
        patch.setattr(SideFiles, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pages.export()
    pages.export()

    assert file.read_bytes() == undisturbed.path.read_bytes()


def test_what_a_state_needs_stays_where_none_comes_after_it(file, caplog):
    """The store is gone from some page on, and others are cut: whoever resumes has the state from before."""

    class Leaving(DictStore):
        saves = 0

        def save(self, state):
            self.saves += 1
            if self.saves > 2:
                raise ConnectionError
            super().save(state)

    caplog.set_level("INFO")
    store = Leaving()
    pages = ListOfPages(file, LONG[:8], store, cut_bytes=190)  # each third page
    with pytest.raises(KeyboardInterrupt):
        pages.export(stop_before=7, error=KeyboardInterrupt)
    assert "The next attempt resumes after page 1." in caplog.text
    store.saves = -100
    pages.export()

    assert pages.fetched == [*range(7), *range(1, 8)]
    assert pages.left_behind() == []


def test_a_tail_that_may_not_be_removed_does_not_pile_up(file, caplog):
    class Keeping(LocalFileSystem):
        cachable = False

        def rm_file(self, path):
            raise PermissionError(path)

    pages = ListOfPages(file, LONG, DictStore(), cut_bytes=190)
    pages.notes_fs = Keeping()
    pages.export()

    assert len(ids(file)) == 120
    assert len([name for name in pages.left_behind() if "tail/" in name]) < 4
    assert len([text for text in caplog.messages if "PermissionError" in text]) == 2  # as it goes, and at its end


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


@pytest.mark.parametrize("cut_bytes", [1, 10_000])
@pytest.mark.parametrize("stop_before", [2, 3, 4])
def test_notes_that_could_not_be_written_are_not_taken_for_written(file, cut_bytes, stop_before):
    """The next attempt must know the keys of all that is in the file, and an export does not fail of that."""
    pages = ListOfPages(file, TWICE, DictStore(), unique_by="id", cut_bytes=cut_bytes)
    pages.notes_fs = HiccupingFileSystem()
    with pytest.raises(KeyboardInterrupt):
        pages.export(stop_before=stop_before, error=KeyboardInterrupt)
    assert json.loads(pages.store.saved)["tally"]["pages"] == stop_before

    assert pages.export()["duplicates"] == 2
    assert pages.fetched == list(range(5))
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


class FailingLanding(LocalSink):
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
    """Between a sink's step and what is known of it, too: a signal comes when it comes."""
    pages = ListOfPages(file, TWICE, DictStore(), unique_by=unique_by)
    with pytest.raises(type(error)):
        pages.export(sink=FailingLanding(str(file), fails_in=fails_in, error=error, before=before))
    pages.export()
    undisturbed = ListOfPages(file.with_name("b.jsonl"), TWICE, unique_by=unique_by)
    undisturbed.export()

    assert file.read_bytes() == undisturbed.path.read_bytes()


@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
def test_a_discard_that_fails_never_hides_the_real_error(file, store):
    class Stuck(LocalSink):
        def discard(self):
            raise OSError("stuck")

    with pytest.raises(IncompleteListError):
        Totals(file, BODIES, store, strict=True).export(sink=Stuck(str(file), key="k"))
    with pytest.raises(Stop):
        ListOfPages(file, BODIES, store).export(stop_before=1, sink=Stuck(str(file), key="k"))


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
