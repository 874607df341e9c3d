"""A lease as text: ``renewing:<name>`` while somebody renews, then ``renewed:<mark>``, or ``renewed:`` if in vain."""

from __future__ import annotations

import re

from airflow_provider_orgauth.oauth.steps import Lease

_TEXT = re.compile(r"renewing:(?P<holder>[0-9a-f]{1,64})|renewed:(?P<renewed>[0-9a-f]{0,64})")


def lease_to_text(lease: Lease) -> str:
    """Return ``lease`` as text."""
    return f"renewed:{lease.renewed or ''}" if lease.holder is None else f"renewing:{lease.holder}"


def lease_from_text(text: object) -> Lease:
    """Return the lease in ``text``; an empty one for whatever is no lease, so that nothing can block a renewal."""
    found = _TEXT.fullmatch(text) if isinstance(text, str) else None
    return Lease() if found is None else Lease(found["holder"], found["renewed"] or None)
