"""What users do with the session: their hooks, their auth, prepared requests, pickles, whatever a token's life does."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import requests
from hostile_server import hostile_server, http

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
CREATE = f"{API}/device/create"


@pytest.fixture
def dead_token(hook, orgauth_emulator):
    """A hook whose token the server has dropped: the next request is answered 401, and replayed."""
    hook.get_access_token()
    orgauth_emulator.revoke(refresh_tokens=True)
    return hook


def test_a_response_hook_sees_the_answer_that_is_not_replayed(dead_token):
    seen = []
    dead_token.get_conn().hooks["response"] = lambda response, **_: seen.append(response.status_code)
    answer = dead_token.run(PROFILE)

    assert seen == [200]
    assert [earlier.status_code for earlier in answer.history] == [401]


def test_a_response_hook_of_one_request_may_give_another_answer(dead_token):
    def doubled(response, **_):
        response.doubled = response.json()["id"] * 2
        return response

    assert dead_token.get_conn().get(PROFILE, hooks={"response": doubled}).doubled == 1156


def test_a_response_hook_may_refuse_an_error_and_a_401_that_is_replayed_is_none(dead_token):
    dead_token.get_conn().hooks["response"] = lambda response, **_: response.raise_for_status()

    assert dead_token.run(PROFILE).ok


def test_the_sessions_auth_signs_in_another_session(dead_token, orgauth_emulator):
    answer = requests.get(f"{orgauth_emulator.url}{PROFILE}", auth=dead_token.get_conn().auth, timeout=10)

    assert answer.status_code == 200


@pytest.mark.parametrize("act", [pickle.dumps, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_an_answer_is_not_pickled_with_its_token(hook, act):
    with pytest.raises(TypeError, match="holds the token"):
        act(hook.run(PROFILE))


def test_a_session_is_not_copied(hook):
    with pytest.raises(TypeError):
        copy.deepcopy(hook.get_conn())


@pytest.mark.parametrize("params", [None, {}, [], (), ""])
def test_the_sessions_query_goes_along_where_none_is_given(hook, params):
    hook.get_conn().params = {"org": "1"}

    assert hook.run(PROFILE, params=params).request.url.endswith("?org=1")


@pytest.mark.parametrize("data", [b"", bytearray(), (), set(), ""], ids=repr)
def test_an_empty_body_is_none(hook, data):
    request = hook.get_conn().post(PROFILE, data=data).request
    with pytest.raises(errors.ApiError) as caught:
        hook.run(PROFILE, method="POST", data=data)

    assert caught.value.response.request.headers.get("Content-Length") == request.headers.get("Content-Length") == "0"


@pytest.mark.parametrize(
    "data", [lambda: iter([{"id": 1}]), lambda: iter([5]), lambda: iter(["\ud800"]), lambda: 5, object, lambda: {1, 2}]
)
def test_a_body_that_is_no_bytes_is_one_clear_error(hook, data):
    with pytest.raises(errors.ConfigurationError, match="cannot be sent") as caught:
        hook.run(CREATE, method="POST", data=data())

    assert len(caught.traceback) < 6  # none of the frames whose variables hold the token
    assert caught.value.__context__ is None


def test_what_a_response_hook_raises_comes_out_even_a_stop_iteration(hook):
    def stop(response, **_):
        raise StopIteration

    hook.get_conn().hooks["response"] = stop
    with pytest.raises((StopIteration, RuntimeError)):
        hook.run(PROFILE)


def test_a_path_may_be_bytes(hook):
    assert hook.run(PROFILE.encode()).ok


@pytest.mark.parametrize("port", ["99999", "abc"])
def test_a_redirect_to_no_port_leads_elsewhere(hook, orgauth_emulator, port):
    orgauth_emulator.fault("status", PROFILE, status=302, headers={"Location": f"http://other.example:{port}/x"})
    with pytest.raises(errors.ForeignOriginError):
        hook.get_conn().get(PROFILE)


def test_a_response_hook_sees_the_answer_behind_a_redirect(hook_on):
    seen = []

    def check(response, **_):
        seen.append(response.status_code)
        response.raise_for_status()

    answers = iter([http(b"", "Location: /y", status="302 Found"), http(b"", status="404 Not Found")])
    with hostile_server(api=lambda peer: peer.send(next(answers))) as server, pytest.raises(requests.HTTPError):
        hook_on(server).get_conn().get("/x", hooks={"response": check})
    assert seen == [302, 404]


class FailingTheSecondTime(io.BytesIO):
    """A file whose disk fails while it is read again."""

    readings = 0

    def read(self, size=-1):
        self.readings += self.tell() == 0
        if self.readings > 1:
            raise OSError(5, "disk failed")
        return super().read(size)


def test_what_a_body_raises_behind_a_redirect_is_its_own(hook_on, clockwork):
    answers = iter([http(b"", "Location: /y", status="307 Temporary Redirect"), http(b"{}")])
    api = hostile_server(api=lambda peer: peer.send(next(answers)))
    with api as server, pytest.raises(OSError, match="disk failed"):
        hook_on(server, max_attempts=3).run("/x", method="PUT", data=FailingTheSecondTime(b"abc" * 100))
    assert clockwork.slept == []  # no second attempt


class OfOnesOwn(OrgAuthHook):
    def __init__(self, org_conn_id="orgauth_default"):
        super().__init__(org_conn_id)


def test_a_hook_of_ones_own_class_is_pickled_and_copied():
    for again in (pickle.loads(pickle.dumps(OfOnesOwn("x"))), copy.deepcopy(OfOnesOwn("x"))):
        assert type(again) is OfOnesOwn
        assert again.org_conn_id == "x"


@pytest.mark.parametrize("attempts", ["3", 0, -1, 2.5, True])
def test_a_wrong_number_of_attempts_is_one_clear_error(attempts):
    with pytest.raises(errors.ConfigurationError, match="max_attempts"):
        OrgAuthHook(max_attempts=attempts)


@pytest.mark.parametrize("hooks", [None, {}, {"response": None}, {"response": []}])
def test_no_hooks_in_whatever_form(hook, hooks):
    hook.get_conn().hooks = hooks
    assert hook.run(PROFILE).ok
