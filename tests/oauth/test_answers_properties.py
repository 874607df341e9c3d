"""Token answers of every shape: what a server sends, and what it echoes of the request."""

import json
from typing import get_args

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.client import GrantParamsIn, OAuthClient, SecretAuth
from fuzz.targets import redaction, token_answer

statuses = st.sampled_from([200, 201, 301, 308, 400, 401, 403, 404, 429, 500, 503]) | st.integers(100, 999)
secrets = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*"), min_size=9, max_size=40)
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
names = st.sampled_from(
    ["access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "refresh_token_expires_in"]
) | st.sampled_from(["error", "error_description", "message", "scope", "accessToken", "expiresIn", "data", "token"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | visible
values = st.recursive(
    scalars | st.sampled_from(["Bearer", "300", "invalid_client", "invalid_grant", 1e308, -1, "1e999", "0x10"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
objects = st.dictionaries(names, values, max_size=6)
near_good = st.fixed_dictionaries(
    {"access_token": visible | visible.map("{}\n".format) | st.text(max_size=9)},
    optional={
        "token_type": st.sampled_from(["Bearer", "bearer", "Access Token", None, "", "mac"]),
        "expires_in": st.floats() | st.integers() | st.sampled_from(["300", "1e999", " 7 ", 10**400, "", "٣", True]),
        "refresh_token": st.none() | visible | st.text(max_size=9),
        "refresh_expires_in": st.none() | st.floats() | st.integers(),
        "error": st.none() | st.text(max_size=9),
    },
)
bodies = st.binary(max_size=100) | objects.map(lambda value: json.dumps(value).encode())
locations = st.text(max_size=40) | st.sampled_from(["https://[", "//h/x", "https://lon1.example/t?x=1", "http://h:x/"])


@given(status=statuses, body=bodies, location=locations, content_type=st.text(max_size=20))
@example(status=308, body=b"", location="https://[", content_type="")
def test_any_answer_is_a_usable_token_or_a_typed_error(status, body, location, content_type):
    token_answer.check(status, {"location": location, "content-type": content_type}, body)


@given(body=near_good)
def test_an_answer_that_is_nearly_good(body):
    token_answer.check(200, {}, json.dumps(body).encode())


@given(
    status=statuses,
    secret=secrets,
    refresh_token=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=9, max_size=40),
    client_auth=st.sampled_from(get_args(SecretAuth)),
    grant_params_in=st.sampled_from(get_args(GrantParamsIn)),
    data=st.data(),
)
def test_nothing_that_was_sent_is_repeated(status, secret, refresh_token, client_auth, grant_params_in, data):
    # Neither is a word of our own messages.
    secret, refresh_token = f"~{secret}", "~" + refresh_token.replace("*", "x")
    client = OAuthClient("https://h.example/t", "my-id", secret, client_auth, grant_params_in)
    echo = st.sampled_from([*redaction.written(secret), *redaction.written(refresh_token), "x", " "])
    said = "".join(data.draw(st.lists(echo, min_size=1, max_size=4)))
    body = {data.draw(st.sampled_from(["error", "error_description", "message", "token_type", "scope"])): said}
    shape = data.draw(st.sampled_from(["as it is", "in an envelope", "beside a token", "no JSON"]))
    if shape == "in an envelope":
        body = {"error": body}
    elif shape == "beside a token":
        body["access_token"] = "a" * 40
    content = said.encode() if shape == "no JSON" else json.dumps(body).encode()
    headers = {"location": f"https://h.example/{said}", "content-type": data.draw(st.sampled_from(["a/b", said]))}
    token_answer.check(status, headers, content, client=client, refresh_token=refresh_token)
