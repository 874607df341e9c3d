"""What a caller's own code raises while a request is made or sent comes out as it was raised; so do our mistakes."""

from __future__ import annotations

import io
import sys
import traceback

import pytest
import requests

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client import request_validation
from airflow_provider_orgauth.client.download_session import NotTakenError
from airflow_provider_orgauth.client.watched_body import WatchedBody

CREATE = "/api/v1/organization/device/create"
PROFILE = "/api/v1/organization/profile"
DATASTREAM = b'{"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}'

ERRORS = [
    ValueError("mine"),
    TypeError("mine"),
    FileNotFoundError("mine"),
    ConnectionResetError("of another connection"),
    requests.ConnectionError("of another request"),
    requests.exceptions.InvalidHeader("of another request"),
    errors.ApiConnectionError("of another hook", advice="none"),
    UnicodeEncodeError("ascii", "\u00e9", 0, 1, "mine"),
]


def pieces(error):
    yield b"{"
    raise error


class Unreadable(io.RawIOBase):
    """A file of the user's that fails when it is read."""

    def __init__(self, error):
        self._error = error

    def readable(self):
        return True

    def read(self, size=-1):
        raise self._error


@pytest.mark.parametrize("body", [pieces, Unreadable])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_a_body_raises_is_the_error(hook, orgauth_emulator, body, error):
    hook.get_access_token()
    with pytest.raises(type(error)) as caught:
        hook.run(CREATE, method="POST", data=body(error))

    assert caught.value is error
    assert error.__context__ is None
    assert error.__cause__ is None
    # Between this test's frames are none of those in whose variables the token is.
    names = {frame.f_globals["__name__"].partition(".")[0] for frame, _ in traceback.walk_tb(caught.tb)}
    assert "requests" not in names
    assert "urllib3" not in names
    assert hook.run(PROFILE).ok


@pytest.mark.parametrize("error", ERRORS[:3], ids=lambda error: type(error).__name__)
def test_the_session_raises_what_a_body_raises(hook, error):
    with pytest.raises(type(error)) as caught:
        hook.get_conn().post(CREATE, data=pieces(error))

    assert caught.value is error


def test_what_a_file_raises_while_a_multipart_body_is_made_is_the_error(hook):
    error = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught:
        hook.run(CREATE, method="POST", files={"file": Unreadable(error)})

    assert caught.value is error


@pytest.mark.parametrize("error", [TypeError("a mistake of ours"), ValueError("a mistake of ours")])
def test_a_mistake_of_ours_is_no_request_that_cannot_be_sent(hook, monkeypatch, error):
    def broken(request):
        raise error

    monkeypatch.setattr(request_validation, "check_request", broken)
    with pytest.raises(type(error)) as caught:
        hook.run(PROFILE)

    assert caught.value is error
    assert caught.traceback[-1].name == "broken"


def test_what_a_value_cannot_be_is_said(hook):
    with pytest.raises(errors.ConfigurationError, match=r"cannot be sent .*set is not JSON serializable") as caught:
        hook.run(PROFILE, json={"x": {1, 2}})

    assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [lambda: io.BytesIO(DATASTREAM), lambda: io.StringIO(DATASTREAM.decode())])
def test_a_watched_file_is_sent_again_after_a_401(hook, orgauth_emulator, body):
    hook.get_access_token()
    orgauth_emulator.revoke(refresh_tokens=True)
    answer = hook.run(CREATE, method="POST", data=body())

    assert answer.status_code == 201
    assert [earlier.status_code for earlier in answer.history] == [401]


def test_the_pieces_of_a_watched_body_are_sent(hook):
    assert hook.run(CREATE, method="POST", data=iter([DATASTREAM[:9], DATASTREAM[9:]])).status_code == 201


@pytest.mark.parametrize("body", [None, b"bytes", "text", bytearray(b"bytes"), memoryview(b"bytes")])
def test_bytes_are_not_watched(body):
    assert WatchedBody.of(body) is None


def test_a_request_asks_for_its_token_once(hook):
    hook.run(PROFILE)
    asked = []

    def seen(frame, event, _):
        if event == "call" and frame.f_code.co_qualname == "TokenSource.token":
            asked.append(event)

    sys.setprofile(seen)
    try:
        hook.run(PROFILE)
    finally:
        sys.setprofile(None)
    assert len(asked) == 1


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_a_pagination_function_raises_is_the_error(hook, error):
    def following(request, answer):
        raise error

    with pytest.raises(type(error)) as caught:
        list(hook.paginate("/api/v1/organization/devices", pagination=following))

    assert caught.value is error


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_the_taker_of_a_download_raises_is_the_error(hook, error, tmp_path):
    def take(response, pieces):
        raise error

    with pytest.raises(NotTakenError) as caught:
        hook.handing_on(take)(PROFILE)

    assert caught.value.error is error
