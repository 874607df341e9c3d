"""A lease as text: ``renewing:<name>`` while somebody renews the token, ``renewed:<mark>`` when they left."""

from __future__ import annotations

import re

from airflow_provider_orgauth.oauth.steps import Lease

_TEXT = re.compile(r"(renewing|renewed):([0-9a-f]{0,64})", re.ASCII)


def lease_to_text(lease: Lease) -> str:
    """Return ``lease`` as text."""
    return f"renewed:{lease.renewed or ''}" if lease.holder is None else f"renewing:{lease.holder}"


def lease_from_text(text: object) -> Lease:
    """Return the lease in ``text``; an empty one for whatever is no lease, so that nothing can block a renewal."""
    found = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return Lease()
    return Lease(holder=found[2]) if found[1] == "renewing" else Lease(renewed=found[2])
