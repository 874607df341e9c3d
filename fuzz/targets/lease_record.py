"""A lease as text, in a Variable that anybody may have written to: one that can be written again, or an empty one."""

from __future__ import annotations

import re

from airflow_provider_orgauth.cache.lease_record import lease_from_text, lease_to_text
from airflow_provider_orgauth.oauth.steps import Lease
from fuzz import reading

_NAME = re.compile(r"[0-9a-f]{0,64}", re.ASCII)


def check(text: object) -> None:
    """Assert what must hold of one text."""
    lease = lease_from_text(text)
    assert lease.holder is None or lease.renewed is None
    for name in (lease.holder, lease.renewed):
        assert name is None or _NAME.fullmatch(name), "nothing else may get into a log"
    if lease != Lease():
        assert lease_to_text(lease) == text


def check_round_trip(lease: Lease) -> None:
    """Assert that a lease is read as it was written; an empty one as one that nobody holds."""
    read = lease_from_text(lease_to_text(lease))
    assert (read.holder, read.generation) == (lease.holder, lease.generation)
    assert (read.renewed or None) == (lease.renewed or None if lease.holder is None else None)


def one(data: bytes) -> None:
    """The lease's text."""
    check(reading.text(data))
