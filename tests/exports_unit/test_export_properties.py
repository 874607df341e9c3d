"""However often an export is stopped, wherever, and however it is cut: the same file and the same manifest."""

import gzip
import json
import tempfile
from itertools import combinations
from pathlib import Path

import pytest
from exports_unit.json_texts import object_texts
from exports_unit.mortal import Life, MortalStore, killed
from exports_unit.pages_of_a_list import DictStore, ListOfPages, Stop, sha256_of
from fsspec.implementations.local import LocalFileSystem
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exports import pending_lines

records = st.builds(
    lambda key, text: f'{{"id":{key},"value":{text}}}',
    st.integers(0, 20),
    object_texts,
)
bodies = st.lists(
    st.builds(
        lambda items, space: f"[{f',{space}'.join(items)}]", st.lists(records, max_size=4), st.sampled_from(" \n")
    ),
    min_size=1,
    max_size=6,
).filter(lambda pages: all(json.loads(one) != json.loads(other) for one, other in combinations(pages, 2)))
"""No page twice: a walk takes two in a row that came before for the end, or for a circle."""


@given(
    bodies,
    st.lists(st.integers(0, 6), max_size=5),
    st.integers(1, 400),
    st.sampled_from([".jsonl", ".jsonl.gz"]),
    st.sampled_from([None, "id", ["id", "value"]]),
    st.booleans(),
)
def test_stopped_any_number_of_times(bodies, stops, cut_bytes, suffix, unique_by, has_time_to_save):
    # Without time to save as it goes, what is saved is where it stops.
    timer = None if has_time_to_save else lambda: 0.0
    with tempfile.TemporaryDirectory() as folder:
        same = {"cut_bytes": cut_bytes, "unique_by": unique_by}
        undisturbed = ListOfPages(Path(folder) / "one" / f"a{suffix}", bodies, **same)
        expected = undisturbed.export()
        pages = ListOfPages(Path(folder) / "two" / f"a{suffix}", bodies, DictStore(), **same)
        for stop_before in stops:
            try:
                pages.export(stop_before=stop_before, timer=timer)
            except Stop:
                assert not pages.path.exists()
            else:
                pages.path.unlink()
        manifest = pages.export(timer=timer)

        assert pages.path.read_bytes() == undisturbed.path.read_bytes()
        assert {**manifest, "path": ""} == {**expected, "path": ""}
        assert manifest["sha256"] == sha256_of(pages.path)
        assert pages.left_behind() == undisturbed.left_behind() == []
        content = pages.path.read_bytes()
        lines = (gzip.decompress(content) if suffix.endswith(".gz") else content).decode().split("\n")[:-1]
        assert len(lines) == manifest["records"]
        assert len(lines) + manifest["duplicates"] == sum(len(json.loads(body)) for body in bodies)
        if unique_by is None:
            assert [json.loads(line) for line in lines] == [record for body in bodies for record in json.loads(body)]


@given(
    bodies,
    st.lists(st.integers(0, 60), min_size=1, max_size=4),
    st.integers(1, 400),
    st.sampled_from([".jsonl", ".jsonl.gz"]),
    st.sampled_from([None, "id"]),
    st.sampled_from([0, 30, pending_lines.MAX_PENDING_BYTES]),
)
def test_killed_at_any_step(bodies, kills, cut_bytes, suffix, unique_by, most):
    """Between the bytes and what is known of them, in the middle of a note, and while it cleans up."""
    same = {"cut_bytes": cut_bytes, "unique_by": unique_by}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pending_lines, "MAX_PENDING_BYTES", most)
        undisturbed = ListOfPages(Path(folder) / "one" / f"a{suffix}", bodies, **same)
        expected = undisturbed.export()
        pages = ListOfPages(Path(folder) / "two" / f"a{suffix}", bodies, MortalStore(), **same)
        for steps in kills:
            if killed(pages, steps):
                assert not pages.path.exists() or pages.path.read_bytes() == undisturbed.path.read_bytes()
        pages.store.life, pages.notes_fs = Life(1000), LocalFileSystem()
        manifest = pages.export()

        assert {**manifest, "path": ""} == {**expected, "path": ""}
        assert pages.path.read_bytes() == undisturbed.path.read_bytes()
        assert pages.left_behind() == []
