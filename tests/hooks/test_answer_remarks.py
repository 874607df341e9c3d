"""What Test tells of a good answer besides its token: and nothing follows it."""

import json
import sys
from pathlib import Path

import pytest

from airflow_provider_orgauth.oauth.answer_remarks import AnswerRemarks
from airflow_provider_orgauth.oauth.answers import HttpAnswer

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server, http

GOOD = {"access_token": "acc3ss-t0k3n", "expires_in": 1000, "refresh_token": "r3fr3sh-t0k3n"}


@pytest.fixture
def tried(hook_on):
    """Return a function that presses Test on a server with this token answer, and returns what is said."""

    def press(**answer):
        with hostile_server(token=lambda peer: peer.send(http(json.dumps({**GOOD, **answer}).encode()))) as server:
            worked, said = hook_on(server).test_connection()
            assert worked
            return said.partition("a refresh token.")[2].strip(), f"http://127.0.0.1:{server.port}"

    return press


def test_an_ordinary_answer_is_no_cause_for_a_word(tried):
    assert tried(token_type="Bearer")[0] == ""
    assert tried()[0] == ""


def test_an_unusual_type_is_told(tried):
    said, _ = tried(token_type="Application Access Token")

    assert said == "The server calls it 'Application Access Token'; it is sent as any other."


@pytest.mark.parametrize("name", ["instance_url", "api_domain"])
def test_an_api_elsewhere_is_told_and_not_called(tried, name):
    said, server = tried(**{name: "https://me.my.example/services?x=1"})

    assert f"the token goes to {server}: set Server address to https://me.my.example, if" in said
    assert "services" not in said


def test_an_api_at_the_server_address_is_no_cause_for_a_word(hook_on):
    answer = {**GOOD}
    with hostile_server(token=lambda peer: peer.send(http(json.dumps(answer).encode()))) as server:
        answer["instance_url"] = f"http://127.0.0.1:{server.port}"
        assert hook_on(server).test_connection()[1].endswith("a refresh token.")


@pytest.mark.parametrize("url", [7, None, "", "/x", "ftp://h/x", "javascript:alert(1)", "https://[", "https://h:port/"])
def test_what_is_no_address_is_not_told(url):
    answer = HttpAnswer(200, {}, json.dumps({**GOOD, "instance_url": url}).encode())

    assert [*AnswerRemarks(answer).api_servers()] == []


def test_nothing_secret_is_told():
    said = {"instance_url": "https://u:acc3ss-t0k3n@s3cret.example:8443/", "token_type": "my acc3ss-t0k3n"}
    answer = HttpAnswer(200, {}, json.dumps({**GOOD, **said, "api_domain": "https://acc3ss-t0k3n.example"}).encode())
    remarks = AnswerRemarks(answer, secrets=frozenset({"s3cret"}))

    assert [*remarks.api_servers()] == []
    assert remarks.unusual_type == "my ***"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"access_token": 1}'])
def test_whatever_came_is_no_error(body):
    remarks = AnswerRemarks(HttpAnswer(200, {}, body))

    assert (remarks.unusual_type, [*remarks.api_servers()]) == (None, [])
