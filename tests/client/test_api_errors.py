"""An error status of the API: any body becomes the typed error for its status, without what was sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.api_errors import api_error_of
from fuzz.targets import api_error, redaction

statuses = st.sampled_from([200, 204, 301, 304, 308, 400, 401, 403, 404, 413, 429, 500, 503]) | st.integers(100, 999)
tokens = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="*"), min_size=9, max_size=60)
names = st.sampled_from(["error", "message", "code", "error_description", "detail"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)


@given(status=statuses, body=st.binary(max_size=100) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_the_error_of_its_status(status, body):
    api_error.check(status, body)


@given(status=statuses, token=tokens, data=st.data(), name=names, envelope=st.booleans())
def test_a_body_that_repeats_the_token_shows_none(status, token, data, name, envelope):
    spelled = st.sampled_from(redaction.written(token)) | st.sampled_from(["Bearer ", " ", "access_token="])
    said = "".join(data.draw(st.lists(spelled, min_size=1, max_size=4)))
    body = {name: {"message": said} if envelope else said}
    api_error.check(status, json.dumps(body).encode(), token=token)


@pytest.mark.parametrize("name", ["X-Api-Key", "Cookie", "X-Secret"])
def test_a_body_that_repeats_a_header_with_a_credential_shows_none(name):
    response = api_error.answer(
        403, "application/json", b'{"error": "s3cr3t-value may not, nor may custom s3cr3t-value"}'
    )
    response.request.headers.update({name: "Custom s3cr3t-value", "X-Team": "may"})

    assert str(api_error_of(response)).count("*** may not, nor may custom ***") == 1
