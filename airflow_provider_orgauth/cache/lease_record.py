"""A lease as text: ``renewing:<generation>:<name>`` during a renewal, then ``renewed:<generation>:<mark>``.

The mark is empty if the renewal failed. Texts of a former version have no generation.
"""

from __future__ import annotations

import re

from airflow_provider_orgauth.oauth.generation import MAX_DIGITS
from airflow_provider_orgauth.oauth.steps import Lease

_TEXT = re.compile(
    rf"(?P<state>renewing|renewed):(?:(?P<generation>[1-9][0-9]{{0,{MAX_DIGITS - 1}}}):)?(?P<name>[0-9a-f]{{0,64}})"
)


def lease_to_text(lease: Lease) -> str:
    """Return ``lease`` as text."""
    state, name = ("renewed", lease.renewed or "") if lease.holder is None else ("renewing", lease.holder)
    return ":".join((state, *([str(lease.generation)] if lease.generation else []), name))


def lease_from_text(text: object) -> Lease:
    """Return the lease in ``text``; an empty one where the text is no lease, so that none can block a renewal."""
    found = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return Lease()
    name, generation = found["name"] or None, int(found["generation"] or 0)
    if found["state"] == "renewed":
        return Lease(renewed=name, generation=generation)
    return Lease(holder=name, generation=generation) if name else Lease()
