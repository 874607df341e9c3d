"""Where a client's token is shared: with the same secret in one place, with another in another."""

from __future__ import annotations

import re

from airflow_provider_orgauth.cache.seal import SEAL_PREFIX, seal_of
from airflow_provider_orgauth.cache.shared_name import shared_name
from airflow_provider_orgauth.oauth.client import OAuthClient

CLIENT = {"token_url": "https://h/t", "client_id": "i", "client_secret": "s", "scope": None}


def test_each_secret_has_a_place_of_its_own():
    name = shared_name(OAuthClient(**CLIENT))

    assert shared_name(OAuthClient(**CLIENT)) == name
    for changed in ({"client_secret": "t"}, {"token_url": "https://g/t"}, {"client_id": "j"}, {"scope": "u"}):
        assert shared_name(OAuthClient(**CLIENT | changed)) != name


def test_a_name_shows_sixteen_bits_of_what_scrypt_made_of_the_secret():
    client = OAuthClient(**CLIENT)
    name = shared_name(client)

    assert re.fullmatch("[0-9a-f]{36}", name)
    assert name.removeprefix(client.name) == seal_of(client).close("x").removeprefix(f"{SEAL_PREFIX}:")[:4]
