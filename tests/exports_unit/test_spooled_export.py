"""Parquet is made of a hidden file of lines, which has one name in all attempts: it is what it was, or is made anew."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from exports_unit.pages_of_a_list import DictStore, ListOfPages

from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.parquet import convert
from airflow_provider_orgauth.exports.spooled_export import SpooledExport, spooled

BODIES = [json.dumps([{"id": 3 * page + n} for n in range(3)]) for page in range(4)]
OTHER = b'{"id": 7}\n'


class Pages(ListOfPages):
    """Exports its list to lines, and these to Parquet."""

    before_pass: tuple[int, object] = (0, None)
    """Before the lines are read for that time, counted from 1, this is called."""

    def to_parquet(self, sink: LocalSink):
        checkpoints = Checkpoints(self.store, purpose={"fields": self.purpose})
        spool, passes = LocalSink(str(self.path), key="k"), iter(range(1, 99))
        read = spool.read

        def counted():
            if next(passes) == self.before_pass[0]:
                self.before_pass[1](self.path)
            return read()

        spool.read = counted
        return SpooledExport(
            str(sink._path),
            sink,
            checkpoints,
            conversion=convert,
            spool=spool,
            spool_export=self,
            remove=lambda: self.path.unlink(missing_ok=True),
        ).run(None)

    def run(self, _):
        """Export to lines, as the first part of it."""
        checkpoints = Checkpoints(self.store, purpose={"fields": self.purpose})
        return self.export(when_complete=lambda manifest: checkpoints.save(spooled(manifest)))


@pytest.fixture
def pages(tmp_path) -> Pages:
    return Pages(tmp_path / ".a.parquet.k.jsonl", BODIES, DictStore())


def ids(file: Path) -> list[int]:
    return pq.read_table(file)["id"].to_pylist()


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize(
    "happens", [lambda spool: spool.write_bytes(OTHER), lambda spool: spool.unlink()], ids=["replaced", "removed"]
)
def test_lines_that_are_lost_while_they_are_converted_are_read_again(tmp_path, pages, which, happens):
    pages.before_pass = (which, happens)
    file = tmp_path / "a.parquet"
    manifest = pages.to_parquet(LocalSink(str(file), key="k"))

    assert ids(file) == list(range(12))
    assert (manifest["records"], manifest["bytes"]) == (12, file.stat().st_size)
    assert pages.fetched == [*range(4)] * 2
    assert list(tmp_path.iterdir()) == [file]
    assert pages.store.saved is None


def _interrupt(_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("is_lost", [False, True])
def test_the_next_attempt_converts_what_is_as_it_was(tmp_path, pages, is_lost):
    pages.before_pass = (1, _interrupt)
    file = tmp_path / "a.parquet"
    with pytest.raises(KeyboardInterrupt):
        pages.to_parquet(LocalSink(str(file), key="k"))
    pages.before_pass = (0, None)
    if is_lost:
        pages.path.write_bytes(OTHER)
    pages.to_parquet(LocalSink(str(file), key="k"))

    assert ids(file) == list(range(12))
    assert pages.fetched == [*range(4)] * (2 if is_lost else 1)
    assert list(tmp_path.iterdir()) == [file]
