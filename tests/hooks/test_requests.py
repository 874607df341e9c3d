"""What is sent, and what each answer means: bodies, headers, errors, sessions of one's own."""

import io
import pickle

import pytest
import requests

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
CREATE = f"{API}/device/create"
DEVICE = {"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}


def seen(emulator, path=None):
    """The API requests that the emulator saw."""
    return [request for request in emulator.requests() if request["path"].startswith(path or API)]


def test_the_bodies_that_requests_takes(hook, orgauth_emulator):
    device = hook.run(CREATE, method="POST", json=DEVICE).json()
    assert device["name"] == "new one"
    kinds = {
        "application/x-www-form-urlencoded": {"data": {"a": "1"}},
        "multipart/form-data": {"files": {"f": ("f.txt", io.BytesIO(b"x"))}},
        "text/csv": {"data": b"a,b", "headers": {"Content-Type": "text/csv"}},
    }
    for kind, body in kinds.items():
        prepared = hook.get_conn().prepare_request(requests.Request("POST", orgauth_emulator.url + CREATE, **body))
        assert prepared.headers["Content-Type"].startswith(kind)
        with pytest.raises(errors.ApiError):  # the emulator wants JSON, and says so
            hook.run(CREATE, method="POST", **body)


def test_params_are_those_of_requests(hook, orgauth_emulator):
    page = hook.run(f"{API}/devices", params={"page": 1, "size": 3, "left_out": None}).json()

    assert len(page["content"]) == 3
    assert seen(orgauth_emulator)[-1]["query"] == ["page", "size"]


def test_default_headers_and_headers_of_one_call(make_hook, orgauth_emulator):
    make_hook(headers={"X-Team": "data"}).run(PROFILE, headers={"X-Call": "1"})

    names = {name.lower() for name in seen(orgauth_emulator)[-1]["headers"]}
    assert {"x-team", "x-call", "authorization"} <= names
    token_request = orgauth_emulator.requests()[0]
    assert "x-team" not in {name.lower() for name in token_request["headers"]}


def test_a_hook_pickles_as_its_connections_id(make_hook):
    hook = make_hook()
    hook.run(PROFILE)
    again = pickle.loads(pickle.dumps(hook))

    assert again.org_conn_id == hook.org_conn_id
    assert "_settings" not in vars(again)


def test_an_error_repeats_the_apis_words_and_survives_pickling(hook):
    with pytest.raises(errors.ApiError) as caught:
        hook.run(f"{API}/device", params={"deviceId": 999_999_999})
    error = caught.value

    assert (error.status, error.response.status_code) == (404, 404)
    assert error.server_message
    assert error.server_message.rstrip(".") in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.status, again.response) == (errors.ApiError, str(error), 404, None)


def test_what_waiting_cannot_cure_is_airflows_fail_exception():
    from airflow.providers.common.compat.sdk import AirflowFailException

    for kind in (errors.ApiUnauthorizedError, errors.ApiForbiddenError, errors.CertificateError):
        assert issubclass(kind, AirflowFailException)
    for kind in (errors.ApiServerError, errors.ApiRateLimitedError, errors.TokenUnavailableError):
        assert not issubclass(kind, AirflowFailException)


def test_every_error_keeps_what_it_knows_on_its_way_to_another_process():
    error = errors.InvalidClientError("no", advice="do", status=401, error="invalid_client", server_message="words")

    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)


def test_a_typed_error_has_no_context_that_holds_the_request(make_hook, orgauth_emulator):
    hook = make_hook(max_attempts=1)
    hook.get_access_token()
    orgauth_emulator.fault("reset", PROFILE)
    with pytest.raises(errors.ApiConnectionError) as caught:
        hook.run(PROFILE, params={"secret": "in-the-query"})

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "in-the-query" not in str(caught.value)


def test_the_session_raises_what_requests_raises_without_the_query(make_hook, orgauth_emulator):
    session = make_hook(max_attempts=1).get_conn()
    orgauth_emulator.fault("reset", PROFILE)
    with pytest.raises(requests.ConnectionError) as caught:
        session.get(PROFILE, params={"secret": "in-the-query"})

    assert "in-the-query" not in str(caught.value)
    assert session.get(PROFILE).ok
    assert session.get(f"{API}/device", params={"deviceId": 0}).status_code == 404


def test_auth_for_a_session_of_ones_own(hook, orgauth_emulator):
    url = orgauth_emulator.url + PROFILE
    assert requests.get(url, auth=hook.auth, timeout=5).json()["id"] == 578
    orgauth_emulator.revoke(refresh_tokens=True)
    answer = requests.get(url, auth=hook.auth, timeout=5)

    assert answer.status_code == 200
    assert [earlier.status_code for earlier in answer.history] == [401]


def test_a_request_that_http_cannot_carry_is_a_clear_error(hook):
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, headers={"X": "a\r\nb"})
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, json={"x": float("nan")})
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, json={"x": {1, 2}})
    with pytest.raises(errors.ConfigurationError, match="no header may have"):
        hook.run(PROFILE, headers={"X": "\u4e2d"})
    with pytest.raises(errors.ConfigurationError, match="not an HTTP method"):
        hook.run(PROFILE, method="G T")


def test_a_proxy_that_cannot_be_one_is_a_clear_error(connect, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://[bad")
    monkeypatch.setenv("http_proxy", "http://[bad")
    hook = connect({"allow_http": True}, host="no-such-host.invalid", port=80)

    with pytest.raises(errors.ConfigurationError, match="proxy settings"):
        hook.run(PROFILE)


def test_proxies_come_from_the_environment(connect, orgauth_emulator, monkeypatch):
    """The emulator plays the proxy: it is asked for a server that does not exist."""
    monkeypatch.setenv("HTTP_PROXY", orgauth_emulator.url)
    monkeypatch.setenv("http_proxy", orgauth_emulator.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    hook = connect({"allow_http": True}, host="no-such-host.invalid", port=80)

    assert hook.run(PROFILE).json()["id"] == 578


def test_a_missing_connection_is_airflows_own_error():
    from airflow_provider_orgauth.compat import AirflowNotFoundException

    hook = OrgAuthHook("no_such_connection")
    with pytest.raises(AirflowNotFoundException, match="no_such_connection"):
        hook.run(PROFILE)


@pytest.mark.parametrize("status", [101, 300, 302])
def test_a_status_that_is_no_answer_is_an_error(hook, orgauth_emulator, status):
    hook.get_access_token()
    orgauth_emulator.fault("raw", PROFILE, status=status, headers={"Content-Length": "0"}, body="")

    with pytest.raises(errors.ApiError) as caught:
        hook.run(PROFILE)
    assert caught.value.status == status
