"""Where a client's token is shared: with the same secret in one place, with another in another."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest

from airflow_provider_orgauth.cache.seal import SEAL_PREFIX, seal_of
from airflow_provider_orgauth.cache.shared_name import shared_name
from airflow_provider_orgauth.hooks.connection import read_connection
from airflow_provider_orgauth.oauth.client import OAuthClient

CLIENT = {"token_url": "https://h/t", "client_id": "i", "client_secret": "s", "scope": None}


def test_each_secret_has_a_place_of_its_own():
    name = shared_name(OAuthClient(**CLIENT))

    assert shared_name(OAuthClient(**CLIENT)) == name
    for changed in ({"client_secret": "t"}, {"token_url": "https://g/t"}, {"client_id": "j"}, {"scope": "u"}):
        assert shared_name(OAuthClient(**CLIENT | changed)) != name


def test_what_a_token_is_for_is_part_of_its_place():
    clients = [OAuthClient(**CLIENT, api_origin=origin) for origin in (None, "https://a.example", "https://b.example")]

    assert len({shared_name(client) for client in clients}) == len(clients)
    assert len({client.fingerprint for client in clients}) == len(clients)


def test_what_a_token_was_asked_with_is_part_of_its_place():
    typed = [{}, {"audience": "a"}, {"audience": "b"}, {"resource": "a"}, {"audience": ("a",)}, {"n": 1}, {"n": True}]
    clients = [OAuthClient(**CLIENT, oauth_params=params) for params in typed]

    assert len({shared_name(client) for client in clients}) == len(clients)
    assert len({client.fingerprint for client in clients}) == len(clients)


def test_a_secret_among_the_parameters_is_in_the_name_as_the_clients_is():
    """Sixteen bits of what scrypt made of it, and nothing that can be tried out quickly."""
    clients = [OAuthClient(**CLIENT, oauth_params={"api_key": key, "audience": "a"}) for key in ("one", "two")]

    assert clients[0].name == clients[1].name
    assert shared_name(clients[0]) != shared_name(clients[1])


@pytest.mark.parametrize(
    ("extra", "name", "fingerprint"),
    [
        (
            {},
            "ec4ac0ea9ee7f5142dcbcfd9f02698deb733",
            "18cb459c2aaff16fdbb08abea1bc5c13086e2bd4032f63d895d476079b1ba0db",
        ),
        (
            {
                "oauth_path": "https://fra1.example/realms/main/token",
                "scope": "a b",
                "client_auth": "params",
                "grant_params_in": "body",
            },
            "6cc2854ea903aba805c24adec3cd22f5bdbd",
            "3d6cb9f38b80721889b2d1fc7d4c9ffed67faa31eaa18187a4f5ae0988796d58",
        ),
    ],
    ids=["defaults", "set"],
)
def test_a_connection_without_the_new_fields_keeps_the_token_that_it_had(extra, name, fingerprint):
    """Computed by the version before tokens came from elsewhere: an upgrade in a running fleet asks for none anew."""
    about = {"host": "fra1.example", "port": None, "schema": None, "login": "my-id", "password": "my-secret"}
    client = read_connection(SimpleNamespace(**about, extra=json.dumps(extra))).client

    assert (shared_name(client), client.fingerprint) == (name, fingerprint)


def test_a_name_shows_sixteen_bits_of_what_scrypt_made_of_the_secret():
    client = OAuthClient(**CLIENT)
    name = shared_name(client)

    assert re.fullmatch("[0-9a-f]{36}", name)
    assert name.removeprefix(client.name) == seal_of(client).close("x").removeprefix(f"{SEAL_PREFIX}:")[:4]
