"""Answers that lead elsewhere: no byte arrives there, whatever the spelling; the token endpoint is followed nowhere."""

from contextlib import suppress

import pytest
from known_secrets import secrets_in
from recording_server import ACCESS, http

from airflow_provider_orgauth.exceptions import ForeignOriginError, OrgAuthError, TokenError

# {own} and {evil} are ports
ELSEWHERE = [
    "http://127.0.0.1:{evil}/x",
    "http://localhost:{evil}/x",
    "http://localhost:{own}/x",
    "HTTP://127.0.0.1:{evil}",
    "//127.0.0.1:{evil}/x",
    "///127.0.0.1:{evil}/x",
    "////127.0.0.1:{evil}/x",
    "\\\\127.0.0.1:{evil}\\x",
    "/\\127.0.0.1:{evil}/x",
    "\\/127.0.0.1:{evil}/x",
    "http:\\\\127.0.0.1:{evil}\\x",
    "http:/127.0.0.1:{evil}/x",
    "http:127.0.0.1:{evil}/x",
    "http:///127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}@127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}\\@127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}%40127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}#@127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}%23@127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}?@127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}/@127.0.0.1:{evil}/x",
    "http://user:pw@127.0.0.1:{evil}/x",
    "http://user:pw@127.0.0.1:{own}/x",
    "http://127.0.0.1:{evil}#@127.0.0.1:{own}/x",
    "http://127.0.0.1:{evil}/?@127.0.0.1:{own}/",
    "http://127.0.0.1:{evil}\\@127.0.0.1:{own}/x",
    "http://2130706433:{evil}/x",
    "http://127.1:{evil}/x",
    "http://0x7f.1:{evil}/x",
    "http://[::ffff:127.0.0.1]:{evil}/x",
    "http://[::1]:{evil}/x",
    "http://\uff11\uff12\uff17.0.0.1:{evil}/x",
    "http://127\u30020\u30020\u30021:{evil}/x",
    "http://127\u20240.0.1:{evil}/x",
    "http://\uff4cocalhost:{evil}/x",
    "http://\u202e127.0.0.1:{evil}/x",
    "http://127.0.0.1:{evil}\uff0fx",
    "https://127.0.0.1:{own}/x",
    "https://127.0.0.1:{evil}/x",
    "ftp://127.0.0.1:{evil}/x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "gopher://127.0.0.1:{evil}/_GET",
    "http://127.0.0.1:{evil}/%0d%0aX:1",
    " http://127.0.0.1:{evil}/x",
    "\thttp://127.0.0.1:{evil}/x",
    "h\tttp://127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}\r\n @127.0.0.1:{evil}/x",
    "http://127.0.0.1:{own}\x00@127.0.0.1:{evil}/x",
    "http://127.0.0.1:{evil}/x\r\nLocation: /fine",
    "/fine\r\nLocation: http://127.0.0.1:{evil}/x",
    "//127.0.0.1:{evil}/..//x",
    "..//127.0.0.1:{evil}/x",
    "..\\..\\\\127.0.0.1:{evil}/x",
    ";//127.0.0.1:{evil}/x",
    "?//127.0.0.1:{evil}/x",
    "http://[",
    "http://127.0.0.1:port/x",
    "http://127.0.0.1:99999/x",
    "http://",
    "//",
    "http://\xff\xfe/",
]


def leads(location, server, evil, status):
    """Let the server redirect the first request to ``/probe`` there, and answer all else."""
    target = location.replace("{own}", str(server.port)).replace("{evil}", str(evil.port))
    normal = server.answer

    def redirecting(request):
        first = len(server.api) == 1 and not request.is_grant
        return http(status, "", Location=target) if first else normal(request)

    server.answer = redirecting


@pytest.mark.parametrize("location", ELSEWHERE, ids=ascii)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_never_takes_a_token_elsewhere(hook, server, evil, location, status):
    leads(location, server, evil, status)
    error = ""
    try:
        hook.run("/probe")
    except OrgAuthError as raised:
        error = str(raised)

    assert evil.connections == 0
    assert not secrets_in(error)
    assert "\n" not in error
    assert all(request.all("host") == [f"127.0.0.1:{server.port}"] for request in server.requests)
    assert all(request.all("authorization") == [f"Bearer {ACCESS}"] for request in server.api)
    assert len(server.api) == (1 if error else 2)  # refused, or followed on the server itself


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_is_not_taken_elsewhere_either(hook, server, evil, status):
    leads("http://127.0.0.1:{evil}/x", server, evil, status)

    with pytest.raises(ForeignOriginError, match=f"leads to http://127.0.0.1:{evil.port},"):
        hook.run("/probe", method="POST", json={"a": "private"})
    assert evil.connections == 0


def test_a_redirect_of_a_redirect_gets_no_further(hook, server, evil):
    places = {"/probe": "/1", "/1": "/2", "/2": f"//127.0.0.1:{evil.port}/x"}
    normal = server.answer
    server.answer = lambda request: (
        http(302, "", Location=places[request.target]) if request.target in places else normal(request)
    )

    with pytest.raises(ForeignOriginError):
        hook.run("/probe")
    assert [request.target for request in server.api] == ["/probe", "/1", "/2"]
    assert evil.connections == 0


@pytest.mark.parametrize(
    "location", ["/a/../fine", "../fine", "./fine", "fine", "?fine", "http://127.0.0.1:{own}/fine"]
)
def test_a_redirect_on_the_server_is_followed_with_the_token(hook, server, evil, location):
    leads(location, server, evil, 302)
    hook.run("/probe")

    assert len(server.api) == 2
    assert "fine" in server.api[1].target
    assert server.api[1].all("authorization") == [f"Bearer {ACCESS}"]


@pytest.mark.parametrize("location", ELSEWHERE, ids=ascii)
@pytest.mark.parametrize("extra", [{}, {"client_auth": "params"}, {"client_auth": "params", "grant_params_in": "body"}])
def test_the_token_endpoint_is_followed_nowhere(connect, server, evil, location, extra):
    target = location.replace("{own}", str(server.port)).replace("{evil}", str(evil.port))
    server.answer = lambda request: http(307, "", Location=target)

    with pytest.raises(TokenError) as caught:
        connect(extra).get_access_token()
    assert len(server.requests) == 1
    assert evil.connections == 0
    assert not secrets_in(str(caught.value))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["Refresh", "Content-Location", "Link", "Alt-Svc", "Location", "URI"])
def test_headers_that_are_no_redirect_lead_nowhere(hook, server, evil, name):
    place = f"http://127.0.0.1:{evil.port}/x"
    value = {"Refresh": f"0; url={place}", "Link": f'<{place}>; rel="next"', "Alt-Svc": f'h2="127.0.0.1:{evil.port}"'}
    normal = server.answer
    server.answer = lambda request: (
        normal(request) if request.is_grant else http(200, "{}", **{name: value.get(name, place)})
    )
    for _ in range(2):
        hook.run("/probe")

    assert len(server.api) == 2
    assert evil.connections == 0


@pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
def test_other_300s_lead_nowhere(hook, server, evil, status):
    leads("http://127.0.0.1:{evil}/x", server, evil, status)
    with suppress(OrgAuthError):
        hook.run("/probe")

    assert len(server.api) == 1
    assert evil.connections == 0
