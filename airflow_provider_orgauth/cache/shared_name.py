"""The name under which a client's token is shared: of Variables, of the lock, of the files of a host."""

from __future__ import annotations

from airflow_provider_orgauth.cache.seal import seal_of, seal_with
from airflow_provider_orgauth.oauth.client import OAuthClient


def shared_name(client: OAuthClient) -> str:
    """Return a name for ``client`` with the secret that it has.

    A rotation without an outage has two good secrets for a while. What one of them sealed, the other cannot open, so
    each has a place of its own. Sixteen bits of the seal's mark tell a handful of secrets apart, and do not help
    to guess one.
    """
    return f"{client.name}{seal_of(client).mark[:4]}"


def family_name(family_fingerprint: str) -> str:
    """Return a name for the refresh tokens that descend from one that a connection gives to begin with.

    All of it comes from the mark: what is random in the fingerprint is that refresh token alone.
    """
    return seal_with(family_fingerprint).mark
