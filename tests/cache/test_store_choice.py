"""What a process pays for the store that a connection's ``cache`` stands for."""

from __future__ import annotations

import pytest

from airflow_provider_orgauth.cache import seal
from airflow_provider_orgauth.cache.store_choice import shared_store
from airflow_provider_orgauth.hooks.connection_form import BY_NAME
from airflow_provider_orgauth.oauth.client import OAuthClient


@pytest.mark.parametrize(("cache", "made"), [("memory", 0), ("xcom", 1), ("variable", 1)])
def test_the_slow_seal_is_made_where_something_is_sealed_and_nowhere_else(cache, made):
    """It costs each process some 30 ms, half of what a request does."""
    before = seal.seal_with.cache_info().misses
    shared_store(cache, OAuthClient("https://h/t", "id", f"the secret of {cache}"))
    assert seal.seal_with.cache_info().misses - before == made


@pytest.mark.parametrize("cache", BY_NAME["cache"].choices)
def test_each_choice_of_the_form_has_a_store(cache):
    shared_store(cache, OAuthClient("https://h/t", "id", "a secret"))


def test_no_other_word_stands_for_a_store():
    with pytest.raises(ValueError, match="no store for cache='redis'"):
        shared_store("redis", OAuthClient("https://h/t", "id", "a secret"))
