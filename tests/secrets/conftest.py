"""Servers that each fail in one way, and all that is logged."""

from __future__ import annotations

import io
import logging

import pytest
from broken_servers import running_servers


@pytest.fixture(scope="module")
def servers():
    with running_servers() as servers:
        yield servers


@pytest.fixture
def said():
    """Everything that is logged, by any library, at DEBUG level, with tracebacks: before Airflow masks anything."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
