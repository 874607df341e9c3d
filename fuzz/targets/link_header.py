"""A ``Link`` header: a target that stands in it, between its own brackets, or none; whatever else is in the header."""

from __future__ import annotations

from airflow_provider_orgauth.paging.link_header import link_target
from fuzz import reading


def check(header: str, rel: str) -> None:
    """Assert what must hold of one header."""
    target = link_target(header, rel)
    if target is None:
        return
    assert f"<{target}>" in header
    assert rel.lower() in header.replace("\\", "").lower()
    if '"' not in header:
        assert link_target(f"{header},<x>;rel={rel}", rel) == target, "a link after it hides it"
    assert link_target(f",, <x>; rel=not-{rel}, {header}", rel) == target, "a link of another kind before it hides it"


def one(data: bytes) -> None:
    """The header."""
    check(reading.text(data), "next")
