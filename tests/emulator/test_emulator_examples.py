"""The examples in the docstrings of the emulator, which are what users begin their own tests with."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from documented_examples import literal_blocks, what_differs

from airflow_provider_orgauth import emulator

PUBLIC = {name: getattr(emulator, name) for name in emulator.__all__}
CLASSES = [public for public in PUBLIC.values() if isinstance(public, type) and not issubclass(public, Exception)]


@pytest.mark.parametrize("documented", CLASSES)
def test_classes(documented):
    assert what_differs(documented, PUBLIC) == []


def test_the_emulator_in_python(capsys):
    (example,) = literal_blocks(emulator)

    exec(example, {})

    url, _, connection = capsys.readouterr().out.partition(" ")
    assert json.loads(connection)["port"] == urlsplit(url).port
