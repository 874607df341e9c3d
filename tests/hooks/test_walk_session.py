"""What a session works out only once comes out as where it is worked out each time."""

from concurrent.futures import ThreadPoolExecutor
from enum import Enum

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.throttle import Throttle
from airflow_provider_orgauth.client.walk_session import WalkSession
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import PageNumberPagination

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


def sent(session, path, **about):
    return session.answer_to(session.prepared("GET", path, **about))


class Text(str):
    """A text whose class is not str is always looked at as a whole."""

    __slots__ = ()


def anew(session, path, **about):
    """Return the request that no template has a part in."""
    return session._prepared_anew(requests.Request("GET", session._url(Text(path)), **about))


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
    path=st.sampled_from(["/a", "/a?", "/a?x=%7Ey", "/ä/b", "/a%2Fb", "a", "/", "", "/a/b-c_~/", "/v1.2/a", "/a//b"]),
    calls=st.lists(st.tuples(queries, headers), min_size=1, max_size=3),
)
@example(path="/a?x=1", calls=[({"page": 0, "size": None}, None), ([("page", "~ä+/"), ("page", 2)], {"X-A": "1"})])
def test_requests_are_prepared_as_ever(both, path, calls):
    session, walking = both
    for params, more in calls:
        plain = anew(session, path, params=params, headers=more)
        quick = walking.prepared("GET", path, params=params, headers=more)

        assert (quick.method, quick.url, quick.body) == (plain.method, plain.url, plain.body)
        assert dict(quick.headers) == dict(plain.headers)


@pytest.mark.parametrize("params", ["a=b", b"a=b", "a=b c&d=%7E", "x?y/ä", "", "a=1&a=2"])
def test_a_query_that_is_a_text_is_quoted_as_ever(both, params):
    session, walking = both
    for path in ("/a", "/a?z=1"):
        assert walking.prepared("GET", path, params=params).url == anew(session, path, params=params).url


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("/.~-_%?:"), max_size=12))
@example("/a.b")
@example("/%7E")
def test_any_path_leads_where_it_always_did(both, path):
    session, walking = both
    urls = []
    for prepared in (lambda: anew(session, path), lambda: walking.prepared("GET", path)):
        try:
            urls.append(prepared().url)
        except ForeignOriginError as error:
            urls.append(str(error))

    assert urls[0] == urls[1]


@pytest.mark.parametrize(
    ("about", "error"),
    [
        ({"headers": {"X (y)": "b"}}, ConfigurationError),
        ({"headers": {"Content-Length": "5"}}, ConfigurationError),
        ({"headers": {"Host": "elsewhere.example"}}, ConfigurationError),
        ({"method": "TRACE"}, ConfigurationError),
        ({"url": "https://elsewhere.example/"}, ForeignOriginError),
        ({"url": "/a/../b"}, ForeignOriginError),
    ],
)
def test_what_is_refused_is_refused_from_a_template(both, about, error):
    for session in both:
        for _ in range(2):
            with pytest.raises(error):
                session.check(session.prepared(**{"method": "GET", "url": "/a", **about}))


def test_a_header_that_is_set_on_the_session_meanwhile_goes_along(both):
    session, walking = both
    walking.prepared("GET", "/a", params={"page": 1})
    session.headers["X-Late"] = "yes"

    assert walking.prepared("GET", "/a", params={"page": 1}).headers["X-Late"] == "yes"


def test_a_query_that_is_set_on_the_session_goes_along(hook):
    hook.get_conn().params = {"orgId": 578}
    walking = WalkSession(hook.get_conn(), Throttle(4, hook._retry), hook._retry)

    for page in (0, 1):
        assert f"orgId=578&page={page}" in sent(walking, DEVICES, params={"page": page}).request.url


@pytest.mark.parametrize(
    "body", [*({"json": json} for json in ({"a": 1}, {}, [], 0, False)), {"data": {"a": "1"}}, {"files": {"f": b"x"}}]
)
def test_a_body_is_prepared_anew(both, body):
    _, walking = both
    first = walking.prepared("POST", "/a", **body)
    then = walking.prepared("POST", "/a")

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
        sent(walking, DEVICES, params={"page": page})

    assert [url.partition("?")[2] for url in seen] == ["page=0", "page=1"]


def test_hooks_see_each_answer_from_when_they_are_set(walking):
    early, late = [], []
    walking.hooks["response"].append(lambda response, **_: early.append(response))
    sent(walking, PROFILE)
    walking.hooks["response"].append(lambda response, **_: late.append(response))
    sent(walking, PROFILE)
    walking.get(PROFILE, hooks={"response": lambda response, **_: late.append(response)})

    assert (len(early), len(late)) == (2, 2)


def test_a_session_without_headers_of_its_own(walking):
    walking.headers = None
    assert [sent(walking, PROFILE).status_code for _ in range(2)] == [200, 200]


def test_a_cookie_goes_along_as_soon_as_it_is_there(walking, orgauth_emulator):
    orgauth_emulator.fault("raw", PROFILE, status=200, headers={"Set-Cookie": "route=a; Path=/"}, body="{}")
    sent(walking, DEVICES)
    sent(walking, PROFILE)
    again = sent(walking, PROFILE)

    assert again.request.headers["Cookie"] == "route=a"
    assert again.ok


def test_each_request_answers_its_own_401(walking, orgauth_emulator):
    sent(walking, DEVICES, params={"page": 0, "size": 10})
    orgauth_emulator.revoke()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda page: sent(walking, DEVICES, params={"page": page, "size": 10}), range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert [answer.json()["content"][0]["id"] for answer in answers] == [page * 10 + 1 for page in range(8)]
    assert all(len(answer.history) <= 1 for answer in answers)


def test_the_environments_proxies_are_looked_up_once(walking, monkeypatch):
    found, looked = requests.sessions.get_environ_proxies, []
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda *a, **k: looked.append(a) or found(*a, **k))
    for _ in range(3):
        assert sent(walking, PROFILE).ok

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


Place = Enum("Place", {"PROFILE": PROFILE}, type=str)


def test_an_endpoint_that_is_an_enums_member_is_its_value(both):
    assert [one.prepared("GET", Place.PROFILE).url for one in both] == [f"http://127.0.0.1:9{PROFILE}"] * 2


@pytest.mark.parametrize("change", [{"url": "http://127.0.0.1:8/a"}, {"url": "https://elsewhere.example/"}])
def test_what_was_changed_after_it_was_prepared_is_checked_when_it_is_sent(both, change):
    for session in both:
        request = session.prepared("GET", "/a")
        vars(request).update(change)
        with pytest.raises(ForeignOriginError):
            session.answer_to(request)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/a#b",
        "http://127.0.0.1:9/a?x#b",
        " http://127.0.0.1:9/a",
        b"http://127.0.0.1:9/a",
        "http://127.0.0.1:99/a",
    ],
)
def test_a_request_of_ones_own_is_prepared_as_requests_does_it(both, url):
    ask = requests.Request("get", url, params={"page": 1})
    plain = requests.Session().prepare_request(ask)

    assert [one.prepare_request(ask).url for one in both] == [plain.url] * 2
    assert both[0].prepare_request(ask).method == plain.method


def test_a_hook_that_is_no_list_sees_each_page(hook):
    seen = []
    hook.get_conn().hooks["response"] = lambda response, **_: seen.append(response.status_code)
    pages = list(hook.paginate(DEVICES, pagination=PageNumberPagination(size=1000)).pages())

    assert seen == [200] * len(pages)
    assert len(pages) > 1


def test_a_session_without_hooks(hook):
    hook.get_conn().hooks = None
    assert hook.run(PROFILE).ok
