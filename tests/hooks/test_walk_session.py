"""What a walk's session works out only once comes out as in the session that works it out each time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.throttle import Throttle
from airflow_provider_orgauth.client.walk_session import WalkSession
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

DEVICES = "/api/v1/organization/devices"
PROFILE = "/api/v1/organization/profile"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
query_values = texts | st.integers() | st.none() | st.booleans() | st.lists(texts | st.integers(), max_size=2)
queries = (
    st.none() | st.dictionaries(texts, query_values, max_size=3) | st.lists(st.tuples(texts, query_values), max_size=3)
)
headers = st.none() | st.dictionaries(
    st.sampled_from(["X-A", "x-b", "Accept"]), st.sampled_from(["1", "z"]), max_size=2
)


@pytest.fixture
def walking(hook):
    return WalkSession(hook.get_conn(), Throttle(4, hook._retry), hook._retry)


@pytest.fixture(scope="module")
def both():
    """A session and a walk's, on a server that is never asked: requests are only prepared, and signed when sent."""
    patch = pytest.MonkeyPatch()
    patch.setenv(
        "AIRFLOW_CONN_WALK", '{"conn_type":"orgauth","host":"http://127.0.0.1:9","login":"i","password":"secret"}'
    )
    hook = OrgAuthHook("walk")
    session = hook.get_conn()
    yield session, WalkSession(session, Throttle(4, hook._retry), hook._retry)
    patch.undo()


@given(
    path=st.sampled_from(["/a", "/a?", "/a?x=%7Ey", "/ä/b c", "/a%2Fb"]),
    calls=st.lists(st.tuples(queries, headers), min_size=1, max_size=3),
)
@example(path="/a?x=1", calls=[({"page": 0, "size": None}, None), ([("page", "~ä+/"), ("page", 2)], {"X-A": "1"})])
def test_requests_are_prepared_as_ever(both, path, calls):
    session, walking = both
    for params, more in calls:
        ask = requests.Request("GET", f"http://127.0.0.1:9{path}", params=params, headers=more)
        plain, quick = session.prepare_request(ask), walking.prepare_request(ask)

        assert (quick.method, quick.url, quick.body) == (plain.method, plain.url, plain.body)
        assert dict(quick.headers) == dict(plain.headers)


def test_a_header_that_is_set_on_the_session_meanwhile_goes_along(both):
    session, walking = both
    ask = requests.Request("GET", "http://127.0.0.1:9/a", params={"page": 1})
    walking.prepare_request(ask)
    session.headers["X-Late"] = "yes"

    assert walking.prepare_request(ask).headers["X-Late"] == "yes"


def test_a_query_that_is_set_on_the_session_goes_along(hook):
    hook.get_conn().params = {"orgId": 578}
    walking = WalkSession(hook.get_conn(), Throttle(4, hook._retry), hook._retry)

    for page in (0, 1):
        assert f"orgId=578&page={page}" in walking.get(DEVICES, params={"page": page}).request.url


@pytest.mark.parametrize(
    "body", [*({"json": json} for json in ({"a": 1}, {}, [], 0, False)), {"data": {"a": "1"}}, {"files": {"f": b"x"}}]
)
def test_a_body_is_prepared_anew(both, body):
    _, walking = both
    first = walking.prepare_request(requests.Request("POST", "http://127.0.0.1:9/a", **body))
    then = walking.prepare_request(requests.Request("POST", "http://127.0.0.1:9/a"))

    assert first.body
    assert then.body is None
    assert "Content-Type" not in then.headers


def test_someone_elses_auth_sees_each_request(hook):
    """It may sign the URL, or add what is good for once."""
    seen = []
    session = hook.get_conn()
    session.auth = lambda request: seen.append(request.url) or request
    walking = WalkSession(session, Throttle(4, hook._retry), hook._retry)
    for page in (0, 1):
        walking.get(DEVICES, params={"page": page})

    assert [url.partition("?")[2] for url in seen] == ["page=0", "page=1"]


def test_hooks_see_each_answer_from_when_they_are_set(walking):
    early, late = [], []
    walking.hooks["response"].append(lambda response, **_: early.append(response))
    walking.get(PROFILE)
    walking.hooks["response"].append(lambda response, **_: late.append(response))
    walking.get(PROFILE)
    walking.get(PROFILE, hooks={"response": lambda response, **_: late.append(response)})

    assert (len(early), len(late)) == (2, 2)


def test_a_session_without_headers_of_its_own(walking):
    walking.headers = None
    assert [walking.get(PROFILE).status_code for _ in range(2)] == [200, 200]


def test_a_cookie_goes_along_as_soon_as_it_is_there(walking, orgauth_emulator):
    orgauth_emulator.fault("raw", PROFILE, status=200, headers={"Set-Cookie": "route=a; Path=/"}, body="{}")
    walking.get(DEVICES)
    walking.get(PROFILE)
    again = walking.get(PROFILE)

    assert again.request.headers["Cookie"] == "route=a"
    assert again.ok


def test_each_request_answers_its_own_401(walking, orgauth_emulator):
    walking.get(DEVICES, params={"page": 0, "size": 10})
    orgauth_emulator.revoke()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda page: walking.get(DEVICES, params={"page": page, "size": 10}), range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert [answer.json()["content"][0]["id"] for answer in answers] == [page * 10 + 1 for page in range(8)]
    assert all(len(answer.history) <= 1 for answer in answers)


def test_the_environments_proxies_are_looked_up_once(walking, monkeypatch):
    found, looked = requests.sessions.get_environ_proxies, []
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda *a, **k: looked.append(a) or found(*a, **k))
    for _ in range(3):
        assert walking.get(PROFILE).ok

    assert len([url for url, *_ in looked if url.endswith(PROFILE)]) == 1


def test_a_session_that_was_closed_goes_on_with_new_connections(hook, orgauth_emulator):
    session = hook.get_conn()
    assert session.get(PROFILE).ok
    session.close()

    assert session.get(PROFILE).ok
    assert orgauth_emulator.stats()["connections"] == 2


def test_who_verifies_in_another_way_gets_other_connections(hook):
    adapter = hook.get_conn().get_adapter("https://x")
    request = requests.Request("GET", "https://127.0.0.1:9/a").prepare()
    pools = [
        adapter.get_connection_with_tls_context(request, *how)
        for how in [(True, {}), (False, {}), (True, {}), (True, {"https": "http://127.0.0.1:1"}), (False, {})]
    ]

    assert pools[0] is pools[2]
    assert pools[1] is pools[4]
    assert len(set(map(id, pools))) == 3
