"""Rendered values in the operator: the wire carries what they say, or one error names the argument."""

import pytest
from known_secrets import secrets_in
from recording_server import ACCESS, http

from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError, ResponseCheckError
from airflow_provider_orgauth.operators.org_api import OrgApiOperator


@pytest.fixture
def execute(connect, server):
    connect()

    def run(**arguments):
        operator = OrgApiOperator(task_id="t", **{"endpoint": "{{ path }}", **arguments})
        operator.render_template_fields({"path": "/probe", "hostile": "x\r\nX-Injected: 1"})
        return operator.execute({})

    return run


def test_a_rendered_line_break_stays_in_query_and_body(execute, server):
    execute(method="POST", params={"q": "{{ hostile }}"}, json={"a": "{{ hostile }}"})

    (request,) = server.api
    assert request.line == "POST /probe?q=x%0D%0AX-Injected%3A+1 HTTP/1.1"
    assert request.body == b'{"a": "x\\r\\nX-Injected: 1"}'
    assert not request.all("x-injected")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("endpoint", "/device/{{ hostile }}"),
        ("endpoint", "/device/{{ '../../admin' }}"),
        ("endpoint", "{{ 'http://localhost:1/x' }}"),
        ("method", "{{ hostile }}"),
        ("method", "{{ 'TRACE' }}"),
        ("headers", {"X-Mine": "{{ hostile }}"}),
        ("headers", {"Host": "{{ 'evil' }}"}),
    ],
)
def test_a_rendered_attack_is_refused_by_its_name(execute, server, argument, value):
    with pytest.raises(OrgAuthError, match=argument) as caught:
        execute(**{argument: value})
    assert not server.api
    assert "\n" not in str(caught.value)
    assert not secrets_in(str(caught.value))


@pytest.mark.parametrize("argument", ["response_check", "response_filter"])
@pytest.mark.parametrize(
    "expression", ["__import__('os').system('x')", "{{ 1 }}\r\nERROR forged", "a.b(`\x00`)", "\ud800", "[" * 5000]
)
def test_expressions_are_data_and_not_code(execute, argument, expression):
    with pytest.raises((ConfigurationError, ResponseCheckError)) as caught:
        execute(**{argument: expression})
    assert argument in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_expression_of_several_lines_forges_no_log_line(execute):
    with pytest.raises(ResponseCheckError) as caught:
        execute(response_check="fine ==\n`0`")
    assert "\n" not in str(caught.value)


def test_cookies_and_challenges_change_no_header(execute, server, evil):
    lines = [
        "Set-Cookie: Authorization=Basic ZXZpbA==; Path=/",
        "Set-Cookie: x=1; Domain=evil.example",
        f'WWW-Authenticate: Basic realm="http://127.0.0.1:{evil.port}/"',
        f'WWW-Authenticate: Bearer authorization_uri="http://127.0.0.1:{evil.port}/", error="invalid_token"',
        'WWW-Authenticate: Digest realm="x", nonce="y", qop="auth"',
    ]
    normal = server.answer
    server.answer = lambda request: normal(request) if request.is_grant else http(401, "", *lines)
    with pytest.raises(OrgAuthError, match="401"):
        execute()

    assert len(server.api) == 2
    assert all(request.all("authorization") == [f"Bearer {ACCESS}"] for request in server.api)
    assert "x=1" not in "".join(server.api[1].all("cookie"))
    assert all(not grant.all("cookie") for grant in server.requests if grant.is_grant)
    assert evil.connections == 0
