"""Of a name, every place that hides credentials thinks alike: what one hides, no other shows, however it is spelled."""

import json
import logging
import re
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.response import loggable
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.client.api_errors import api_error_of
from airflow_provider_orgauth.client.log_redaction import CredentialFilter
from airflow_provider_orgauth.exports.field_watch import FieldWatch
from airflow_provider_orgauth.oauth.redacted_names import CREDENTIAL_NAMES, is_credential_name, may_be_secret_name
from airflow_provider_orgauth.oauth.text_redaction import one_line, redact
from airflow_provider_orgauth.paging.raw import Raw
from fuzz.targets.api_error import answer

SECRET = "s3cr3t-value"
ORDINARY = [
    "tokenType",
    "next_page_token",
    "tokens",
    "id",
    "author",
    "secretary",
    "passwordless",
    "cookies",
    "accessed",
]


def logged(*args):
    """Return what urllib3's DEBUG log says, in which no secret is known."""
    record = logging.makeLogRecord({"msg": '%s "%s %s HTTP/1.1" %s %s', "args": args, "name": "urllib3.connectionpool"})
    assert CredentialFilter().filter(record)
    return record.getMessage()


def watched(name):
    record = json.dumps({"id": 1, "info": [{name: SECRET}]}).encode()
    watch = FieldWatch()
    watch.observe([Raw(record)], record + b"\n")
    return "" if watch.credentials else SECRET


def said_by_a_server(text):
    error = api_error_of(answer(400, "application/json", json.dumps({"error": text}).encode()))
    assert error.server_message
    return f"{error} {error.server_message}"


def in_a_query(text):
    return f"/x?back={quote(text, safe='')}&c=3"


def every_byte(name):
    return "".join(f"%{byte:02x}" for byte in name.encode())


URL = "https://h/x?a=1&{}=" + SECRET + "&b=2"
JSON = '{{"a": 1, {}: "' + SECRET + '", "b": 2}}'

PLACES = {
    "a result": lambda name: masked({"a": 1, name: SECRET})[0],
    "a result, nested": lambda name: masked([{"a": [{"b": {name: SECRET}}]}])[0],
    "a result, nested under the name": lambda name: masked({name: [{"a": [SECRET]}]})[0],
    "a text of JSON in a result": lambda name: masked({"a": JSON.format(json.dumps(name))})[0],
    "lines of JSON": lambda name: masked(f'{{"id": 1}}\n{{{json.dumps(name)}:"{SECRET}"}}\n')[0],
    "JSON in JSON": lambda name: masked(json.dumps({"a": JSON.format(json.dumps(name))}))[0],
    "JSON in JSON in JSON": lambda name: masked(json.dumps([json.dumps({"a": JSON.format(json.dumps(name))})]))[0],
    "JSON, nested under the name": lambda name: redact(json.dumps({"a": {name: {"b": ["]", {"c": SECRET}]}}})),
    "JSON, a list under the name, cut": lambda name: redact(json.dumps({"a": {name: ["}", SECRET, "more"]}})[:-9]),
    "JSON that was cut": lambda name: masked(json.dumps({"a": 1, name: SECRET})[:-2])[0],
    "what Python prints of a dict": lambda name: redact(str({"a": 1, name: SECRET, "b": 2})),
    "a number": lambda name: redact(json.dumps({"a": 1, name: 73551608})).replace("73551608", SECRET),
    "a form in a result": lambda name: masked({"a": f"b=1&{quote(name)}={SECRET}&c=2"})[0],
    "a query": lambda name: redact(URL.format(quote(name, safe=""))),
    "a query, every byte encoded": lambda name: redact(URL.format(every_byte(name))),
    "a quoted value": lambda name: redact(f'a="1", {quote(name)}="{SECRET}", b="2"'),
    "a URL in a query": lambda name: redact(in_a_query(URL.format(quote(name)))),
    "a URL in a URL in a query": lambda name: redact(in_a_query(in_a_query(URL.format(quote(name))))),
    "JSON in a query": lambda name: redact(in_a_query(JSON.format(json.dumps(name)))),
    "urllib3's log": lambda name: logged("h", "GET", URL.format(quote(name)), 200, None),
    "a header": lambda name: redact(f"HTTP/1.1 200 OK\r\n{name}: {SECRET}\r\nA: 1"),
    "a header, with a scheme": lambda name: redact(f"{name}: Custom {SECRET}"),
    "one line": lambda name: one_line(f"it\nsaid {URL.format(quote(name))}\n{json.dumps({name: SECRET})}"),
    "a server's words": lambda name: said_by_a_server(f"Not with {json.dumps({name: SECRET})}"),
    "a logged answer": lambda name: loggable(answer(200, "application/json", json.dumps({name: SECRET}).encode())),
    "a logged text": lambda name: loggable(answer(200, "text/plain", URL.format(quote(name)).encode())),
    "a logged answer that broke off": lambda name: loggable(
        answer(200, "application/json", json.dumps({name: SECRET}).encode()[:-1])
    ),
    "an export": watched,
}

words = st.sampled_from(sorted(CREDENTIAL_NAMES)) | st.sampled_from(ORDINARY)


@st.composite
def spelled(draw):
    """A word of the list or an ordinary one: in any case, with hyphens and underscores, in brackets, after a word."""
    word = draw(words)
    letters = [draw(st.sampled_from([letter, letter.upper()])) for letter in word]
    for _ in range(draw(st.integers(0, 3))):
        letters.insert(draw(st.integers(0, len(letters))), draw(st.sampled_from("-_")))
    form = st.sampled_from(
        ["{}", "{}", "{}[]", "{}[0]", "a[{}]", "a[{}][b]", "X-{}", "a.{}", "a/{}", "a {}", "{}s", "é{}"]
    )
    return draw(form).format("".join(letters))


# A, b and c stand beside the name in the places above.
names = spelled() | st.text("abkoetnTN-_[].é/ $@", min_size=1, max_size=12).filter(lambda name: name not in "abc")


@given(name=names)
@example(name="my-token")
@example(name="_token")
@example(name="a.token")
@example(name="filter[token]")
@example(name="Your API Key")
def test_what_one_place_hides_no_other_shows(name):
    shown = {place for place, hide in PLACES.items() if SECRET in str(hide(name))}

    assert shown in (set(), set(PLACES)), f"{name!r} is shown by {sorted(shown)} alone"
    assert (shown == set()) == is_credential_name(name)


@pytest.mark.parametrize(
    "name", ["auth_token", "id_token", "device_token", "x_api_key", "private_key", "secret", "passwd"]
)
def test_these_are_hidden_everywhere(name):
    assert [place for place, hide in PLACES.items() if SECRET in str(hide(name))] == []


@given(
    name=st.sampled_from(sorted(CREDENTIAL_NAMES)), value=st.none() | st.booleans() | st.sampled_from(["", 0, [], {}])
)
def test_what_is_no_value_stays(name, value):
    text = json.dumps({name: value, "b": 1})

    assert masked({name: value}) == ({name: value}, 0)
    assert masked(text) == (text, 0)


@pytest.mark.parametrize("text", ["Invalid token: expired", "Password: required.", "secret is missing", "token: null"])
def test_what_people_say_of_credentials_stays(text):
    assert redact(text) == text


@pytest.mark.parametrize("name", ["Cookie", "Set-Cookie", "set_cookie"])
def test_all_cookies_of_a_header_are_hidden(name):
    assert SECRET not in redact(f"GET /\r\n{name}: a={SECRET}; b={SECRET}; Path=/\r\nA: 1")


@pytest.mark.parametrize(
    "text",
    [
        "<p>Call it as <a href='/devices?token='>this</a>.</p>\n<ul><li class='a'>device 1</li></ul>",
        '{"doc": "write \\"token=\\" here"}\n{"id": 0, "a": "b"}\n{"id": 1}',
        '{"id":1,"note":"send ?token="}\n{"id":2,"a":"b"}\n',
        '{"label":"Password:","value":"hello"}',
        "Use secret: 'cause it is so. Then the rest of it.",
        "Unknown parameter 'token=': use 'api_key', see the pages.",
        "token:\n  name=x and more of it\nnext: 1",
        "Secret:\nDate 2026-11-28\n",
        "password:\n\nversion 12345678",
    ],
)
def test_a_name_without_a_value_hides_nothing_that_follows(text):
    """A quote may be the end of the string that the name is in, and the next line is something else."""
    assert masked(text) == (text, 0)
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "log: query '?token=' refused\n" + '{"client_secret": "it\'s-S3CRET-99", "id": 1}',
        "<a href='?token='>x</a> " + '{"password": "don\'t-tell-S3CRET-99"}',
        '"token"' + " " * 40 + ': "S3CRET-99"',
        '"token":' + " " * 400 + '"S3CRET-99"',
    ],
)
def test_what_precedes_a_value_does_not_show_it(text):
    assert "S3CRET-99" not in masked(text)[0]
    assert "S3CRET-99" not in redact(text)


@pytest.mark.parametrize(
    "key",
    ["next-page-token", "continuation-token", "Next page token", "POST /oauth/token", "/oauth/token", "tokenType"],
)
def test_where_a_list_continues_and_paths_are_no_credentials(key):
    assert masked({key: 34}) == ({key: 34}, 0)


def test_a_mask_is_no_find():
    for value in ({"token": "***"}, '{"token": "***"}', "/x?token=***&a=1"):
        assert masked(value) == (value, 0)


@pytest.mark.parametrize(
    "piece",
    [
        "token:",
        "token=",
        '"token":',
        '\\"',
        "\\",
        " ",
        '"token": [',
        "%22",
        "[",
        "a",
        "-",
        "_",
        "token%3D",
        "token: a=",
    ],
)
def test_a_long_text_takes_a_time_that_grows_with_it_alone(piece):
    def seconds(size):
        text = (piece * size)[:size]
        start = time.process_time()
        redact(text)
        return time.process_time() - start

    # Eight times as long; 64 times, if it grew with the square. The machine is not quiet.
    assert seconds(80_000) < 30 * max(min(seconds(10_000) for _ in range(3)), 0.005)


def test_the_documentation_lists_them():
    text = (Path(__file__).parents[2] / "docs" / "operator.md").read_text()
    listed = re.search(r"Values under these keys come out as `\*\*\*`: (.*?);", text, re.DOTALL)

    assert {name.replace("_", "") for name in re.findall(r"`(\w+)`", listed[1])} == CREDENTIAL_NAMES


@pytest.mark.parametrize(
    "name",
    [
        *sorted(CREDENTIAL_NAMES),
        *("subject_token", "actor_token", "accountSecret", "account-secret", "userPassword", "X-Api-Key", "api_key_v2"),
        *("my.private.key", "secretValue", "SECRET", "tenant passphrase"),
    ],
)
def test_names_of_secrets_that_somebody_chose(name):
    assert may_be_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "audience",
            "resource",
            "account_id",
            "box_subject_type",
            "grant_type",
            "organization",
            "realm",
            "key",
            "code",
        ),
        *("subject_token_type", "requested_token_type", "token_format", "tokenType", "next_page_token"),
    ],
)
def test_names_that_somebody_chose_for_what_is_no_secret(name):
    assert not may_be_secret_name(name)
