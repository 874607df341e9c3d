"""A request whose head was made before is the one that would have been made anew."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_orgauth.client.walk_session import WalkSession
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError

PATH = "/api/v1/organization/devices"

texts = st.text(max_size=8).filter(lambda text: text.isprintable())
queries = st.one_of(
    st.none(),
    st.dictionaries(st.text("abcXYZ_.[]", min_size=1, max_size=5), st.one_of(st.integers(), st.booleans(), texts)),
    st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), texts), max_size=3),
    st.just("size=1&page=2"),
)
paths = st.sampled_from([PATH, "api/v1/x", "/a%20b", "/a b/é", "/x?y=1", "/x?y=1&z=%26"])


@pytest.fixture
def session(make_hook):
    return make_hook(headers={"X-Team": "data"}).get_conn()


def _same(one, other) -> bool:
    return (one.method, one.url, one.headers, one.body, one.hooks) == (
        other.method,
        other.url,
        other.headers,
        other.body,
        other.hooks,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, params=queries, method=st.sampled_from(["GET", "get", "HEAD", "DELETE"]))
def test_it_is_the_same_request(session, path, params, method):
    walking = WalkSession(session, None, session.retry)
    outcomes = []
    for make in (session.checked, walking.checked, walking.checked):
        try:
            outcomes.append(make(method, path, params=params, json=None))
        except (ConfigurationError, ForeignOriginError) as error:
            outcomes.append(str(error))
    first = outcomes[0]
    if isinstance(first, str):
        assert outcomes == [first] * 3
    else:
        assert all(not isinstance(one, str) and _same(first, one) for one in outcomes)


def test_each_gets_a_head_of_its_own(session):
    walking = WalkSession(session, None, session.retry)
    one, other = (walking.checked("GET", PATH, params={"page": page}) for page in (1, 2))
    one.headers["Authorization"] = "Bearer secret"
    one.hooks["response"].append(print)
    assert "Authorization" not in other.headers
    assert "Authorization" not in walking.checked("GET", PATH).headers
    assert walking.checked("GET", PATH).hooks == {"response": []}


def test_what_has_a_body_headers_or_cookies_is_made_anew(session):
    walking = WalkSession(session, None, session.retry)
    walking.checked("GET", PATH)
    assert walking.checked("GET", PATH, headers={"X-Team": "other"}).headers["X-Team"] == "other"
    assert walking.checked("POST", PATH, json={"a": 1}).body == b'{"a": 1}'
    session.cookies.set("session", "1")
    assert "session=1" in walking.checked("GET", PATH).headers["Cookie"]


@pytest.mark.parametrize("url", ["https://other.example/x", "//other.example/x", "/x/../y", "/x#y", "http:/x"])
def test_a_foreign_url_is_refused_though_a_head_is_there(session, url):
    walking = WalkSession(session, None, session.retry)
    walking.checked("GET", PATH)
    with pytest.raises(ForeignOriginError):
        walking.checked("GET", url)


@pytest.mark.parametrize("method", ["TRACE", "G ET", "", None])
def test_a_method_is_checked(session, method):
    walking = WalkSession(session, None, session.retry)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="method"):
            walking.checked(method, PATH)
