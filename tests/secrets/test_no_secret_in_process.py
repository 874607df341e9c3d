"""No secret in anything a hook says: logs at DEBUG level, exceptions, pickles, reprs; every fault, every placement."""

from __future__ import annotations

import logging
import pickle
import pprint

import pytest
import requests
from broken_servers import API, BROKEN
from hook_parts import printed, printed_at_work
from secret_search import SecretSearch, basic_spellings, spellings
from told import told

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

PLACEMENTS = [(auth, where) for auth in ("header", "header_raw", "params") for where in ("query", "body")]
CALLS = (f"{API}devices", f"{API}profile")


@pytest.fixture
def connect(connect, clockwork):
    """As the other one, but it returns a hook."""

    def make(name, **extra):
        connect(name, **extra)
        return OrgAuthHook("hunted", clock=clockwork.clock, sleep=clockwork.sleep)

    return make


@pytest.mark.parametrize(("client_auth", "grant_params_in"), PLACEMENTS)
def test_the_life_of_a_token(servers, said, connect, clockwork, client_auth, grant_params_in):
    emulator = servers.running["life"]
    hook = connect("life", client_auth=client_auth, grant_params_in=grant_params_in)
    outputs = [repr(hook), pprint.pformat(vars(hook))]
    hook.run(CALLS[0])
    outputs += [printed(hook), printed_at_work("hunted")]
    clockwork.advance(280)
    hook.run(CALLS[0])  # refreshed
    emulator.revoke()
    hook.run(CALLS[0])  # 401, refreshed
    emulator.revoke(refresh_tokens=True)
    hook.run(CALLS[0])  # 401, the refresh is refused, granted anew
    outputs += [str(hook.test_connection()), printed(hook), said.getvalue()]

    assert emulator.stats()["token_requests"] == 6  # the connection test asks too
    assert "/oauth2/token" in said.getvalue()  # urllib3 did log the requests
    assert servers.secrets("life").found("\n".join(outputs)) == []


@pytest.mark.parametrize(
    ("name", "client_auth", "grant_params_in"),
    # where the API fails and not the token endpoint, it matters little how the token was asked for
    [(name, *placement) for name in BROKEN for placement in (PLACEMENTS[-2:] if "api" in name else PLACEMENTS)],
)
def test_every_way_to_fail(servers, said, connect, name, client_auth, grant_params_in):
    hook = connect(name, **servers.extra(name), client_auth=client_auth, grant_params_in=grant_params_in)
    outputs, errors = [], []

    def attempt(call):
        try:
            call()
        except Exception as error:
            logging.getLogger("a.task").exception("Task failed with %s", error)
            outputs.append(told(error))
            errors.append(error)

    attempt(lambda: hook.run(CALLS[0]))
    attempt(lambda: hook.run("/api/v1/organization/device/datastream", method="POST", json={"value": 1}))
    attempt(lambda: hook.get_conn().get(CALLS[1]).raise_for_status())
    # a session of someone's own, which would follow a redirect to wherever it leads
    url = f"{servers.address(name)}{CALLS[1]}"
    attempt(lambda: requests.get(url, auth=hook.auth, timeout=0.2, allow_redirects=False).raise_for_status())
    outputs.append(str(hook.test_connection()))

    assert errors
    assert servers.secrets(name).found("\n".join([*outputs, said.getvalue()])) == []


@pytest.mark.parametrize("name", ["wrong_secret", "api_401", "api_503", "api_redirect", "token_400_echo", "token_html"])
def test_an_error_of_the_hook_leaves_the_process_without_a_secret(servers, connect, name):
    hook = connect(name, **servers.extra(name))
    with pytest.raises(Exception) as caught:  # noqa: PT011  which one is not the point
        hook.run(CALLS[0])

    assert servers.secrets(name).found(pickle.dumps(caught.value)) == []


@pytest.mark.parametrize("how", list(dict.fromkeys(spellings("a +/&=%:'\"é~ secret of 30 letters"))))
def test_the_search_finds_each_spelling(how):
    search = SecretSearch()
    search.add("canary", "a +/&=%:'\"é~ secret of 30 letters")

    assert search.names_found(f"some text {how} and more") == {"canary"}
    assert search.found("some text without") == []


def test_the_search_finds_basic_headers_and_what_is_inside_base64():
    import base64

    search = SecretSearch()
    search.add_client("client", "the id", "the secret/with é, 20 letters")

    for how in basic_spellings("the id", "the secret/with é, 20 letters"):
        assert search.names_found(f"Authorization: Basic {how}")
    for before in ("", "x", "xy", "xyz"):
        inside = base64.b64encode(f"{before}the secret/with é, 20 letters, after".encode())
        assert search.names_found(inside) == {"client"}


def test_the_hunt_sees_what_urllib3_logs_without_our_filter(servers, said, connect, monkeypatch):
    hook = connect("life", client_auth="params", grant_params_in="query", scope="unfiltered")
    from airflow_provider_orgauth.client import log_redaction

    monkeypatch.setattr(log_redaction.CredentialFilter, "filter", lambda self, record: True)
    hook.run(CALLS[0])

    assert "life client secret" in servers.secrets("life").names_found(said.getvalue())
