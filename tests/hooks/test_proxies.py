"""A proxy that stands in the way is named as the proxy: over http and https, for tokens and for the API."""

import json
import logging
import sys
import traceback
from pathlib import Path

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

sys.path.insert(0, str(Path(__file__).parent))
from small_proxy import small_proxy
from tls import Authority

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
CREATE = f"{API}/device/create"
DEVICE = {"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}
PASSWORD = "pr0xy-s3cr3t"
PAGE = f"<!doctype html><p>No luck with {PASSWORD}</p>"
HTML = f"HTTP/1.1 407 No luck with {PASSWORD}\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}"
SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])
PLACES = pytest.mark.parametrize("place", ["token endpoint", "API"])


def says(answer):
    return lambda client: client.sendall(answer)


def status(code, phrase=" Reason"):
    return says(f"HTTP/1.1 {code}{phrase}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.fixture
def emulator_of(tmp_path):
    """Return a function that starts an emulator that speaks http or https, and what its connection needs besides."""
    running = []

    def start(scheme):
        authority = Authority(tmp_path) if scheme == "https" else None
        context = running_emulator(ssl_context=authority.server_context("127.0.0.1") if authority else None)
        running.append(context)
        return context.__enter__(), {"verify": str(authority.bundle)} if authority else {}

    yield start
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def behind(emulator_of, monkeypatch, clockwork):
    """Return a function that makes a hook whose request for ``place`` is the next one, and goes through ``proxy``."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def make(scheme, proxy, place="token endpoint", user_info=f"me:{PASSWORD}@", **extra):
        emulator, settings = emulator_of(scheme)
        about = json.loads(emulator.connection_json(cache="memory", **settings, **extra)) | {"host": "127.0.0.1"}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about))
        hook = OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)
        if place == "API":
            hook.get_access_token()
        monkeypatch.setenv(f"{scheme}_proxy", f"http://{user_info}{proxy if isinstance(proxy, str) else proxy.address}")
        return hook, emulator

    return make


def failure(hook, **call):
    with pytest.raises(errors.OrgAuthError) as caught:
        hook.run(**call or {"endpoint": PROFILE})
    text = "".join(traceback.format_exception(caught.value))
    for secret in (PASSWORD, hook._settings.client.client_secret):
        assert secret not in text
        assert secret not in repr(vars(caught.value))
    return caught.value


@SCHEMES
def test_with_the_right_credentials_everything_goes_through(behind, scheme):
    with small_proxy(f"me:{PASSWORD}") as proxy:
        hook, _ = behind(scheme, proxy)
        hook.run(PROFILE)
        assert hook.run(CREATE, method="POST", json=DEVICE).status_code == 201

        assert proxy.requests


@SCHEMES
@PLACES
@pytest.mark.parametrize(
    "proxy_is",
    [
        {"credentials": "me:another"},
        {"answer": says(HTML.encode())},
        {"answer": status(407)},
        {"answer": status(407, "")},
        {"answer": says(b"HTTP/1.0 407 no\r\n\r\n")},
    ],
    ids=["other credentials", "a page of HTML", "no challenge", "no phrase", "HTTP/1.0"],
)
def test_a_proxy_that_wants_credentials_is_named_as_the_proxy(behind, clockwork, caplog, scheme, place, proxy_is):
    caplog.set_level(logging.DEBUG)
    with small_proxy(**proxy_is) as proxy:
        hook, emulator = behind(scheme, proxy, place)
        before = emulator.stats()["api_requests"], emulator.stats()["token_requests"]
        error = failure(hook)

        assert type(error) is errors.ProxyRefusedError
        assert error.status == 407
        assert str(error).startswith("A proxy on the way wants credentials (407) for ")
        assert ("token endpoint" in str(error)) == (place == "token endpoint")
        assert "HTTPS_PROXY, or HTTP_PROXY for plain http" in error.advice
        assert "grant parameters" not in str(error)
        assert len(proxy.requests) == 1
        assert clockwork.slept == []
        assert (emulator.stats()["api_requests"], emulator.stats()["token_requests"]) == before
        assert PASSWORD not in caplog.text


@SCHEMES
def test_the_connection_test_names_it_too(behind, scheme):
    with small_proxy("me:another") as proxy:
        works, text = behind(scheme, proxy)[0].test_connection()

    assert not works
    assert text.startswith("A proxy on the way wants credentials (407) for the token endpoint ")


@PLACES
@pytest.mark.parametrize("code", [403, 404, 405, 451])
def test_a_proxy_that_lets_nothing_through_is_asked_once(behind, clockwork, place, code):
    with small_proxy(answer=status(code)) as proxy:
        error = failure(behind("https", proxy, place)[0])

        assert type(error) is errors.ProxyRefusedError
        assert (error.status, len(proxy.requests), clockwork.slept) == (code, 1, [])
        assert f"it answered CONNECT with {code}" in str(error)
        assert "NO_PROXY" in error.advice


@PLACES
@pytest.mark.parametrize("code", [408, 429, 502, 503, 504])
def test_a_proxy_that_has_a_bad_moment_is_asked_again(behind, clockwork, place, code):
    with small_proxy(answer=status(code)) as proxy:
        hook, _ = behind("https", proxy, place, max_attempts=3)
        error = failure(hook, endpoint=CREATE, method="POST", json=DEVICE)

        assert isinstance(error, errors.ApiConnectionError if place == "API" else errors.TokenUnavailableError)
        assert f"the proxy answered CONNECT with {code}" in str(error)
        assert (len(proxy.requests), len(clockwork.slept)) == (3, 2)
        proxy.answer = None
        assert hook.run(CREATE, method="POST", json=DEVICE).status_code == 201


@SCHEMES
@PLACES
@pytest.mark.parametrize(
    ("address", "says"),
    [("127.0.0.1:1", "the proxy cannot be reached"), ("no.invalid:80", "the proxy's name does not")],
)
def test_a_proxy_that_is_not_there_is_not_taken_for_the_server(behind, scheme, place, address, says):
    error = failure(behind(scheme, address, place, max_attempts=1)[0])

    assert isinstance(error, errors.ApiConnectionError if place == "API" else errors.TokenUnavailableError)
    assert says in str(error)
    assert "proxy" in error.advice


def lost(client):
    """Hang up without an answer, as a proxy that was restarted."""


@SCHEMES
def test_a_post_that_a_proxy_took_and_then_hung_up_on_is_not_sent_twice(behind, clockwork, scheme):
    with small_proxy(answer=lost) as proxy:
        hook, _ = behind(scheme, proxy, "API")
        error = failure(hook, endpoint=CREATE, method="POST", json=DEVICE)

        assert isinstance(error, errors.ApiConnectionError)
        assert (len(proxy.requests), clockwork.slept) == (1, [])


@SCHEMES
def test_a_get_that_a_proxy_hung_up_on_is_sent_again(behind, clockwork, scheme):
    with small_proxy(answer=lost) as proxy:
        hook, _ = behind(scheme, proxy, "API", max_attempts=2)
        failure(hook)

        assert (len(proxy.requests), len(clockwork.slept)) == (2, 1)


def test_a_session_of_ones_own_gets_what_requests_has_for_it(behind):
    import requests

    with small_proxy("me:another") as proxy:
        hook, _ = behind("https", proxy, "API")
        with pytest.raises(requests.exceptions.ProxyError, match="the proxy answered CONNECT with 407"):
            hook.get_conn().get(PROFILE)
