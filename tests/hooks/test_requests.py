"""What is sent, and what comes of each answer: bodies, headers, retries, redirects, errors."""

import io
import pickle
from datetime import UTC, datetime

import pytest
import requests

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
CREATE = f"{API}/device/create"
DEVICE = {"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}


def seen(emulator, path=None):
    """The API requests that the emulator saw."""
    return [request for request in emulator.requests() if request["path"].startswith(path or API)]


@pytest.mark.parametrize("endpoint", [PROFILE, PROFILE[1:], f" {PROFILE} "])
def test_a_path_is_resolved_against_the_server(hook, endpoint):
    assert hook.run(endpoint).json()["id"] == 578


def test_an_absolute_url_on_the_same_server_is_fine(hook, orgauth_emulator):
    assert hook.run(orgauth_emulator.url + PROFILE).status_code == 200


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "///evil.example/x",
        "\\\\evil.example/x",
        "/\\evil.example/x",
        "http://127.0.0.1:1/x",
        "http://user:pw@127.0.0.1/x",
        "javascript:alert(1)",
        "/x\r\nHost: evil.example",
        "/x\ty",
        "http://[::1",
    ],
)
def test_no_credential_leaves_the_server(hook, orgauth_emulator, endpoint):
    with pytest.raises(errors.ForeignOriginError) as caught:
        hook.run(endpoint)

    assert "Give a path" in str(caught.value)
    assert orgauth_emulator.stats()["token_requests"] == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_is_refused_before_it_is_followed(hook, orgauth_emulator, status):
    orgauth_emulator.fault("redirect", PROFILE, status=status, headers={"Location": "https://evil.example/x?y"})

    with pytest.raises(errors.ForeignOriginError, match=r"leads to https://evil\.example,"):
        hook.run(PROFILE)


def test_a_redirect_on_the_same_server_is_followed(hook, orgauth_emulator):
    orgauth_emulator.fault("redirect", f"{API}/old", status=307, headers={"Location": f"{PROFILE}?x=1"})

    assert hook.run(f"{API}/old").json()["id"] == 578


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_redirect_that_would_lose_a_write_is_an_error(hook, orgauth_emulator, status, method):
    orgauth_emulator.fault("redirect", f"{API}/device", status=status, headers={"Location": PROFILE})

    with pytest.raises(errors.ApiError, match="turned a write into a GET"):
        hook.run(f"{API}/device", method=method, json={"name": "x"})


def test_only_the_leg_of_a_redirect_that_fails_is_sent_again(hook, orgauth_emulator):
    orgauth_emulator.fault("redirect", CREATE, status=303, headers={"Location": PROFILE}, times=9)
    orgauth_emulator.fault("status", PROFILE, status=429, times=9)
    with pytest.raises(errors.ApiRateLimitedError):
        hook.run(CREATE, method="POST", json=DEVICE)

    assert orgauth_emulator.stats()["api_requests_by_route"] == {"POST /device/create": 1, "GET /profile": 5}


def test_a_redirect_elsewhere_can_be_looked_at_without_following_it(hook, orgauth_emulator):
    orgauth_emulator.fault("redirect", PROFILE, status=302, headers={"Location": "https://store.example/signed"})
    answer = hook.get_conn().get(PROFILE, allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (302, "https://store.example/signed")


def test_a_post_may_be_answered_by_see_other(hook, orgauth_emulator):
    orgauth_emulator.fault("redirect", CREATE, status=303, headers={"Location": PROFILE})

    assert hook.run(CREATE, method="POST", json=DEVICE).json()["id"] == 578


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


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_idempotent_request_is_sent_again_when_the_server_is_busy(hook, orgauth_emulator, clockwork, status, method):
    hook.get_access_token()
    orgauth_emulator.fault("status", f"{API}/", status=status, times=2)
    hook.run(f"{API}/device", method=method, params={"deviceId": 1}, json={"name": "x"} if method == "PUT" else None)

    assert len(clockwork.slept) == 2
    assert 0 <= clockwork.slept[0] <= 0.5
    assert 0 <= clockwork.slept[1] <= 1.0


@pytest.mark.parametrize("status", [400, 404, 409, 413, 418, 422, 500, 501])
def test_other_statuses_are_final(hook, orgauth_emulator, clockwork, status):
    orgauth_emulator.fault("status", PROFILE, status=status)

    with pytest.raises(errors.ApiError) as caught:
        hook.run(PROFILE)
    assert caught.value.status == status
    assert clockwork.slept == []


@pytest.mark.parametrize("kind", ["reset", "reset_after", "truncate"])
def test_a_get_whose_answer_did_not_come_is_sent_again(hook, orgauth_emulator, clockwork, kind):
    hook.get_access_token()
    orgauth_emulator.fault(kind, PROFILE)

    assert hook.run(PROFILE).json()["id"] == 578
    assert len(clockwork.slept) == 1


@pytest.mark.parametrize("kind", ["status", "reset_after", "reset", "truncate"])
def test_a_post_is_not_sent_again_when_the_server_may_have_acted(hook, orgauth_emulator, clockwork, kind):
    hook.get_access_token()
    orgauth_emulator.fault(kind, CREATE)

    with pytest.raises((errors.ApiServerError, errors.ApiConnectionError)):
        hook.run(CREATE, method="POST", json=DEVICE)
    assert clockwork.slept == []


@pytest.mark.parametrize("kind", ["status", "reset_after"])
def test_with_an_idempotency_key_a_post_is_sent_again(hook, orgauth_emulator, clockwork, kind):
    hook.get_access_token()
    orgauth_emulator.fault(kind, CREATE)

    assert hook.run(CREATE, method="POST", json=DEVICE, headers={"Idempotency-Key": "k"}).status_code == 201
    assert len(clockwork.slept) == 1


def test_a_post_that_met_429_did_nothing_and_is_sent_again(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.fault("status", CREATE, status=429)

    assert hook.run(CREATE, method="POST", json=DEVICE).status_code == 201


def test_a_post_that_never_reached_the_server_is_sent_again(monkeypatch, clockwork):
    with running_emulator() as emulator:
        emulator.set_connection(monkeypatch, cache="memory", max_attempts=3)
        hook = OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)
        hook.get_access_token()

    with pytest.raises(errors.ApiConnectionError, match="refused"):
        hook.run(CREATE, method="POST", json=DEVICE)
    assert len(clockwork.slept) == 2


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for_in_both_forms(hook, orgauth_emulator, clockwork, form):
    hook.get_access_token()
    wait = (
        "7" if form == "seconds" else datetime.fromtimestamp(clockwork.clock() + 8, UTC).strftime("%a, %d %b %Y %T GMT")
    )
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": wait})
    hook.run(PROFILE)

    assert len(clockwork.slept) == 1
    assert 6 < clockwork.slept[0] <= 9


def test_a_token_that_dies_during_a_wait_is_renewed_before_the_next_attempt(hook, orgauth_emulator, clockwork):
    orgauth_emulator.settings(token_lifetime=40)
    hook.run(PROFILE)
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": "50"})
    orgauth_emulator.advance(50)
    hook.run(PROFILE)

    assert orgauth_emulator.stats()["api_requests_by_status"].get("401") is None
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_attempts_are_those_of_the_connection(make_hook, orgauth_emulator, clockwork):
    hook = make_hook(max_attempts=2)
    orgauth_emulator.fault("status", PROFILE, status=503, times=9)

    with pytest.raises(errors.ApiServerError, match="answered 503"):
        hook.run(PROFILE)
    assert len(clockwork.slept) == 1


def test_a_body_that_cannot_be_sent_twice_still_gets_the_next_one_a_new_token(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.revoke(refresh_tokens=True)
    body = b'{"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}'
    with pytest.raises(errors.ApiUnauthorizedError):
        hook.run(CREATE, method="POST", data=(part for part in [body]))

    assert hook.run(CREATE, method="POST", data=(part for part in [body])).status_code == 201


def test_a_401_with_an_endless_body_is_replayed_all_the_same(hook, orgauth_emulator):
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=401, body="x" * 1_000_000)
    answer = hook.run(PROFILE)

    assert answer.json()["id"] == 578
    assert len(answer.history[0].content) <= 64 * 1024


def test_an_endpoint_that_is_no_text_is_a_clear_error(hook):
    for endpoint in (None, 5):
        with pytest.raises(errors.ForeignOriginError, match="not a text"):
            hook.run(endpoint)


def test_a_hook_pickles_as_its_connections_id(make_hook):
    hook = make_hook()
    hook.run(PROFILE)
    again = pickle.loads(pickle.dumps(hook))

    assert again.org_conn_id == hook.org_conn_id
    assert "_settings" not in vars(again)


def test_cancel_looks_nothing_up():
    OrgAuthHook("no_such_connection").cancel()


def test_cancel_ends_waits_and_attempts(make_hook, orgauth_emulator):
    hook = make_hook()
    hook._sleep = None
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": "60"}, times=9)
    hook.cancel()
    assert hook._retry.cancelled.wait(5)

    with pytest.raises(errors.ApiServerError):
        hook.run(PROFILE)
    assert orgauth_emulator.stats()["faults"] == {"status": 1}


def test_a_body_that_cannot_be_sent_twice_is_sent_once(hook, orgauth_emulator, clockwork):
    hook.get_access_token()
    orgauth_emulator.fault("status", CREATE, status=429)

    with pytest.raises(errors.ApiRateLimitedError):
        hook.run(CREATE, method="POST", data=(chunk for chunk in [b"{}"]))
    assert clockwork.slept == []


def test_a_file_is_sent_again_from_where_it_was(hook, orgauth_emulator, tmp_path):
    hook.get_access_token()
    orgauth_emulator.revoke()
    orgauth_emulator.fault("status", CREATE, status=429)
    path = tmp_path / "device.json"
    path.write_text(f'{{"templateId": 353, "name": "{"x" * 40}", "ownerId": 879, "orgId": 578}}')
    with path.open("rb") as file:
        answer = hook.run(CREATE, method="POST", data=file, headers={"Content-Type": "application/json"})

    assert answer.json()["name"] == "x" * 40


def test_a_server_that_does_not_answer_in_time(make_hook, orgauth_emulator):
    hook = make_hook(timeout=0.2, max_attempts=1)
    hook.get_access_token()
    orgauth_emulator.fault("slow", PROFILE, delay=30)

    with pytest.raises(errors.ApiConnectionError, match=r"no answer within 0\.2 s"):
        hook.run(PROFILE)


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


def test_auth_gives_no_other_server_a_token(hook):
    foreign = requests.Request("GET", "https://other.example/x", auth=hook.auth).prepare()

    assert "Authorization" not in foreign.headers


def test_a_request_that_http_cannot_carry_is_a_clear_error(hook):
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, headers={"X": "a\r\nb"})
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, json={"x": float("nan")})
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, json={"x": {1, 2}})
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
        hook.run(PROFILE, headers={"X": "\u4e2d"})
    with pytest.raises(errors.ConfigurationError, match="cannot be sent"):
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
    from airflow.providers.common.compat.sdk import AirflowNotFoundException

    hook = OrgAuthHook("no_such_connection")
    with pytest.raises(AirflowNotFoundException, match="no_such_connection"):
        hook.run(PROFILE)


@pytest.mark.parametrize("status", [103, 300, 302])
def test_a_status_that_is_no_answer_is_an_error(hook, orgauth_emulator, status):
    hook.get_access_token()
    orgauth_emulator.fault("raw", PROFILE, status=status, headers={"Content-Length": "0"}, body="")

    with pytest.raises(errors.ApiError) as caught:
        hook.run(PROFILE)
    assert caught.value.status == status
