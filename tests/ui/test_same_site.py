"""A POST from another site is refused, whatever the browser tells of it."""

from __future__ import annotations

import pytest

from airflow_provider_orgauth.ui.same_site import foreign_reason

OWN = {"x-orgauth-action": "1", "host": "airflow.example.com:8080"}
BASE_URL = "https://airflow.example.com/team"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://airflow.example.com:8080"},
        {"origin": "https://airflow.example.com"},  # a proxy in front speaks https
        {},  # no browser
    ],
)
def test_the_page_itself(headers):
    assert foreign_reason(OWN | headers, BASE_URL) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},  # another port of the same host
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "origin": "https://airflow.example.com"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://airflow.example.com:9090"},
        {"origin": "http://[::1"},
    ],
)
def test_another_site(headers):
    assert "another site" in foreign_reason(OWN | headers, BASE_URL)


@pytest.mark.parametrize("value", [None, "", "0", "true"])
def test_without_the_own_header(value):
    headers = {"sec-fetch-site": "same-origin"} | ({} if value is None else {"x-orgauth-action": value})
    assert "lacks the header" in foreign_reason(headers, BASE_URL)


def test_no_base_url_is_no_wild_card():
    assert foreign_reason(OWN | {"origin": "null"}, "") is not None
    assert foreign_reason({"x-orgauth-action": "1", "origin": "null"}, "") is not None
