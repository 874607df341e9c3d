"""Where a request may go: paths, URLs and redirects; no credential leaves the server."""

import pytest
import requests

from airflow_provider_orgauth import exceptions as errors

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
CREATE = f"{API}/device/create"
DEVICE = {"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}


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


def test_an_endpoint_that_is_no_text_is_a_clear_error(hook):
    for endpoint in (None, 5):
        with pytest.raises(errors.ForeignOriginError, match="not a text"):
            hook.run(endpoint)


def test_auth_gives_no_other_server_a_token(hook):
    foreign = requests.Request("GET", "https://other.example/x", auth=hook.auth).prepare()

    assert "Authorization" not in foreign.headers
