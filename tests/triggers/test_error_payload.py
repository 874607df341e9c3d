"""An error of the triggerer is raised again by the worker, with its own type and all that it says."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth import exceptions
from airflow_provider_orgauth.compat import AirflowFailException
from airflow_provider_orgauth.exceptions import ApiError, ConfigurationError, ForeignOriginError, OrgAuthError
from airflow_provider_orgauth.triggers.error_payload import MAX_TEXT_CHARACTERS, error_of, payload_of

CLASSES = [one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, OrgAuthError)]
ABOUT = {
    "advice": "Do this.",
    "status": 503,
    "error": "invalid_client",
    "server_message": "Not you.",
    "retry_after": 12.5,
}


def made(kind, message="It failed.", **about):
    if issubclass(kind, ConfigurationError):
        error = kind("expiry_margin", message.rstrip("."), advice=about.pop("advice", ""))
        for name, value in about.items():
            setattr(error, name, value)
        return error
    if issubclass(kind, ForeignOriginError):
        about |= {"problem": "is not on https://a.example", "server": "https://a.example"}
    return kind(message, **about)


def again(error):
    return error_of(json.loads(json.dumps(payload_of(error), allow_nan=False)))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("about", [ABOUT, {}], ids=["full", "bare"])
def test_every_error_comes_out_as_it_went_in(kind, about):
    error = made(kind, **about)
    found = again(error)

    assert type(found) is kind
    assert str(found) == str(error)
    assert found.args == error.args
    assert vars(found) == vars(error)
    assert isinstance(found, AirflowFailException) == isinstance(error, AirflowFailException)
    assert vars(pickle.loads(pickle.dumps(found))) == vars(error)


def test_there_are_all_classes():
    assert len(CLASSES) > 30


def test_no_answer_goes_along_with_its_request_and_token():
    error = ApiError("It failed.", response="an answer", status=500)

    assert "response" not in payload_of(error)
    assert again(error).response is None


@given(
    st.sampled_from(CLASSES),
    st.text(min_size=1, max_size=50),
    st.text(max_size=50),
    st.none() | st.integers(100, 599),
    st.none() | st.text(max_size=20),
    st.text(max_size=50),
    st.none() | st.floats(0, 1e9),
)
def test_whatever_it_says(kind, message, advice, status, code, words, retry_after):
    error = made(
        kind,
        message,
        advice=advice,
        status=status,
        error=code or None,
        server_message=words,
        retry_after=retry_after,
    )

    assert vars(again(error)) == vars(error)
    assert str(again(error)) == str(error)


def test_long_texts_are_cut():
    error = OrgAuthError("x" * 100_000, advice="y" * 100_000, server_message="z" * 100_000)

    assert len(json.dumps(payload_of(error))) < 4 * MAX_TEXT_CHARACTERS
    assert again(error).message == "x" * MAX_TEXT_CHARACTERS


@pytest.mark.parametrize("kind", ["SomethingNew", "TYPE_CHECKING", "Any", "AirflowException", "annotations", None, 7])
def test_a_type_that_is_not_known_is_the_base(kind):
    found = error_of({"type": kind, "message": "It failed.", "status": 500})

    assert type(found) is OrgAuthError
    assert (str(found), found.status) == ("It failed.", 500)


def test_an_empty_payload_is_an_error_too():
    assert str(error_of({})) == "An error of the triggerer."
