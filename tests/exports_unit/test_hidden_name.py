"""A hidden name fits wherever the final one does."""

import os
from types import SimpleNamespace

import pytest
from fsspec.implementations.local import LocalFileSystem
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exports.hidden_name import MAX_NAME_BYTES, hidden_name
from airflow_provider_orgauth.exports.side_files import SideFiles
from airflow_provider_orgauth.exports.sink_choice import sink_of

KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    "name", ["a" * 249 + ".jsonl", "é" * 124 + ".jsonl", "." * 2 + "a" * 253, "a" * 220, "a" * 221]
)
def test_a_file_may_have_any_name_that_the_file_system_takes(tmp_path, name):
    path = tmp_path / name
    sink = sink_of(SimpleNamespace(protocol="", path=str(path)), key=KEY)
    side_files = SideFiles(LocalFileSystem(), str(path), key=KEY, kind="tail")
    sink.begin()
    sink.write(b"half")
    sink.cut()
    side_files.add(b"lines")
    saved, noted = sink.save(), side_files.to_dict()
    sink.leave()

    heir = sink_of(SimpleNamespace(protocol="", path=str(path)), key=KEY)
    heir.resume(saved)
    heir.write(b" and whole")
    heir.complete()
    assert path.read_bytes() == b"half and whole"
    assert list(SideFiles(LocalFileSystem(), str(path), key=KEY, kind="tail").resume(noted)) == [b"lines"]
    side_files.discard()
    assert list(tmp_path.iterdir()) == [path]


def test_an_ordinary_name_is_hidden_as_it_is():
    assert hidden_name("devices.jsonl", KEY) == f".devices.jsonl.{KEY}"


@given(st.text(min_size=150, max_size=255), st.text(min_size=150, max_size=255))
def test_no_two_names_have_one_hidden_name_and_none_is_too_long(one, other):
    hidden = {hidden_name(one, KEY), hidden_name(other, KEY)}
    assert len(hidden) == len({one, other})
    assert all(len(name.encode(errors="surrogatepass")) <= MAX_NAME_BYTES for name in hidden)


def test_bytes_that_are_no_utf_8_fit_too(tmp_path):
    name = os.fsdecode(b"\xff" * 255)
    assert len(os.fsencode(hidden_name(name, KEY))) <= MAX_NAME_BYTES
