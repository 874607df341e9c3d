"""Where an API gets its token: under the name that the connection gives it, on each way there, and nowhere else."""

import asyncio
import io
import json
import pickle
from email.utils import formatdate

import pytest
import requests
from known_secrets import secrets_in
from recording_server import ACCESS, http, token_answer

from airflow_provider_orgauth.exceptions import ApiError, ApiUnauthorizedError, ForeignOriginError
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

JSON = "Content-Type: application/json"
HEADERS = [
    ("X-Shopify-Access-Token", "x-shopify-access-token", "{}"),
    ("Authorization: Zoho-oauthtoken", "authorization", "Zoho-oauthtoken {}"),
    ("Authorization", "authorization", "{}"),
    ("X-Session: Token", "x-session", "Token {}"),
    ("Authorization: Bearer", "authorization", "Bearer {}"),
]


@pytest.fixture(params=HEADERS, ids=[typed for typed, *_ in HEADERS])
def header(request):
    """What was typed, the name on the wire, and the value with a place for the token."""
    return request.param


def numbered(server, *, good="acc3ss-2"):
    """Let the server number its tokens and take one of them; two pages of one record each, and a file."""

    def answer(request):
        if request.is_grant:
            return token_answer(f"acc3ss-{len(server.requests) - len(server.api)}")
        carried = [value for _, value in request.fields if "acc3ss" in value]
        if len(carried) != 1 or not carried[0].endswith(good):
            return http(401, "{}", JSON)
        if request.target.startswith("/moved"):
            return http(302, "", "Location: /list?page=1")
        page = 1 if "page=1" in request.target else 0
        return http(200, json.dumps({"content": [{"id": page}], "totalElements": 2}), JSON)

    server.answer = answer


def test_every_way_to_the_api_signs_alike(connect, server, header, tmp_path):
    typed, name, value = header
    numbered(server)
    hook = connect({"api_header": typed, "headers": {"X-Team": "data"}})
    style = {"type": "page_number", "size": 1}

    assert hook.run("/first").status_code == 200  # after a 401
    assert hook.run("/posted", method="POST", json={"a": 1}).status_code == 200
    assert hook.run("/moved").json()["content"] == [{"id": 1}]
    assert hook.get_conn().get("/own").status_code == 200
    assert [record["id"] for record in hook.paginate("/list", pagination=style)] == [0, 1]
    assert hook.download("/file", tmp_path / "file")["status"] == 200
    assert asyncio.run(hook.run_async("/later")).status_code == 200
    assert asyncio.run(pages_async(hook, style)) == [0, 1]
    assert requests.get(f"{server.url}/users", auth=hook.auth, timeout=5).status_code == 200
    assert OrgApiOperator(task_id="t", endpoint="/operator", pagination=False).execute({})["totalElements"] == 2

    assert len(server.requests) - len(server.api) == 2
    assert [request.all(name) for request in server.api] == [[value.format("acc3ss-1")]] + [
        [value.format("acc3ss-2")]
    ] * (len(server.api) - 1)
    assert name == "authorization" or not any(request.all("authorization") for request in server.api)


async def pages_async(hook, style):
    return [record["id"] async for record in hook.paginate_async("/list", pagination=style)]


def test_a_401_renews_and_replays_in_an_event_loop_and_in_a_users_session(connect, server, header):
    typed, name, value = header
    for send in (
        lambda hook: asyncio.run(hook.run_async("/probe")),
        lambda hook: requests.get(f"{server.url}/probe", auth=hook.auth, timeout=5),
    ):
        numbered(server, good=f"acc3ss-{len(server.requests) - len(server.api) + 2}")
        hook = connect({"api_header": typed, "scope": f"a{len(server.requests)}"})
        answer = send(hook)

        assert answer.status_code == 200
        assert server.api[-1].all(name) == [value.format("acc3ss-2" if len(server.api) < 3 else "acc3ss-4")]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_takes_no_token_along(connect, server, evil, header, status):
    fine = server.answer
    server.answer = lambda request: fine(request) if request.is_grant else http(status, "", f"Location: {evil.url}/x")
    hook = connect({"api_header": header[0]})

    with pytest.raises(ForeignOriginError):
        hook.run("/probe")
    with pytest.raises(ForeignOriginError):
        asyncio.run(hook.run_async("/probe"))
    assert evil.connections == 0
    # In a session of the user's own, requests follows, and takes off no header but Authorization.
    requests.get(f"{server.url}/probe", auth=hook.auth, timeout=5)
    not_followed = requests.get(f"{server.url}/probe", auth=hook.auth, timeout=5, allow_redirects=False)
    assert not secrets_in(str(not_followed.next.headers))
    assert evil.connections == 1  # and the fixture looks for secrets there


def test_a_redirect_elsewhere_after_a_401_takes_no_token_along(connect, server, evil, header):
    def answer(request):
        if request.is_grant:
            return token_answer(f"{ACCESS}-{len(server.requests)}")
        return http(401, "{}") if len(server.api) == 1 else http(307, "", f"Location: {evil.url}/x")

    server.answer = answer
    requests.get(f"{server.url}/probe", auth=connect({"api_header": header[0]}).auth, timeout=5)

    assert len(server.api) == 2
    assert evil.connections == 1


def test_a_redirect_on_the_server_keeps_the_token_in_a_users_session(connect, server, header):
    typed, name, value = header
    numbered(server, good="acc3ss-1")
    answer = requests.get(f"{server.url}/moved", auth=connect({"api_header": typed}).auth, timeout=5)

    assert answer.status_code == 200
    assert [request.all(name) for request in server.api] == [[value.format("acc3ss-1")]] * 2


def test_a_netrc_entry_does_not_come_along_with_a_redirect(connect, server, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password n3trc-s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    numbered(server, good="acc3ss-1")
    connect({"api_header": "X-Token"}).run("/moved")

    assert len(server.api) == 2
    assert not any(request.all("authorization") for request in server.api)


def test_what_the_api_says_of_its_header_is_not_repeated(connect, server, header):
    fine = server.answer
    sent = header[2].format(ACCESS)
    server.answer = lambda request: (
        fine(request) if request.is_grant else http(400, json.dumps({"message": f"bad {header[1]}: {sent}"}), JSON)
    )
    hook = connect({"api_header": header[0]})

    for call in (lambda: hook.run("/probe"), lambda: asyncio.run(hook.run_async("/probe"))):
        with pytest.raises(ApiError) as caught:
            call()
        assert "***" in caught.value.server_message
        assert not secrets_in(str(caught.value))


def test_an_answer_is_not_pickled_with_the_token(connect, header):
    answer = connect({"api_header": header[0]}).run("/probe")

    with pytest.raises(TypeError, match="its request holds the token"):
        pickle.dump(answer, io.BytesIO())


def test_a_header_of_the_callers_own_does_not_take_its_place(connect, server, header):
    typed, name, value = header
    hook = connect({"api_header": typed})
    hook.run("/probe", headers={name: "another", "X-Mine": "1"})
    asyncio.run(hook.run_async("/probe", headers={name: "another", "X-Mine": "1"}))

    assert [request.all(name) for request in server.api] == [[value.format(ACCESS)]] * 2


def test_the_token_endpoint_gets_its_own_header_still(connect, server, header):
    connect({"api_header": header[0]}).get_access_token()

    (grant,) = server.requests
    assert grant.all("authorization")[0].startswith("Basic ")
    assert ACCESS not in grant.head.decode()


def test_a_401_that_stays_is_one_renewal(connect, server, header):
    fine = server.answer
    server.answer = lambda request: (
        fine(request) if request.is_grant else http(401, "{}", f"Date: {formatdate(usegmt=True)}")
    )
    with pytest.raises(ApiUnauthorizedError):
        connect({"api_header": header[0]}).run("/probe")

    assert len(server.api) == 2
