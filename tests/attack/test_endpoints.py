"""Endpoints made of hostile ids: sent whole to the server, as one request for one path; or refused."""

import pytest
from known_secrets import secrets_in

from airflow_provider_orgauth.exceptions import OrgAuthError

# the id that someone put into f"/device/{id}/online" -> the request target on the wire
SENT = {
    "a;b": "/device/a;b/online",
    "a;jsessionid=1": "/device/a;jsessionid=1/online",
    "a@evil": "/device/a@evil/online",
    "http://evil.example": "/device/http://evil.example/online",
    "//evil.example": "/device///evil.example/online",
    "a:b@evil:80": "/device/a:b@evil:80/online",
    "...": "/device/.../online",
    "..a": "/device/..a/online",
    "a..": "/device/a../online",
    "%252e%252e": "/device/%252e%252e/online",
    "%00": "/device/%00/online",
    "%0d%0aX-Injected:1": "/device/%0D%0AX-Injected:1/online",
    "%": "/device/%25/online",
    "%zz": "/device/%25zz/online",
    "\u2024\u2024": "/device/%E2%80%A4%E2%80%A4/online",
    "\uff0f\uff0fevil": "/device/%EF%BC%8F%EF%BC%8Fevil/online",
    "\u3002\u3002": "/device/%E3%80%82%E3%80%82/online",
    "\uff11\uff12": "/device/%EF%BC%91%EF%BC%92/online",
    "\u202e\u2066evil": "/device/%E2%80%AE%E2%81%A6evil/online",
    "\u2028X-Injected: 1": None,  # the space
    "\u2028\u2029\x85": "/device/%E2%80%A8%E2%80%A9%C2%85/online",
    "\u010d\u010a": "/device/%C4%8D%C4%8A/online",  # whose low bytes are CR and LF
    "<script>": "/device/%3Cscript%3E/online",
    "{{ 1 }}": None,
    "[::1]": "/device/%5B::1%5D/online",
    "a" * 100_000: f"/device/{'a' * 100_000}/online",
}
REFUSED = [
    "..",
    ".",
    "../..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "..;x",
    "..%3bx",
    "..%2f..%2fadmin",
    "..%5cadmin",
    "a/../../../admin",
    "1#",
    "1#/../x",
    "1?x#",
    "\\..\\admin",
    "a\rX-Injected: 1",
    "a\nX-Injected: 1",
    "a HTTP/1.1\r\nHost: evil\r\n\r\nGET /smuggled",
    "a\x00",
    "a\tb",
    "a\x0bb",
    "a\x7f",
    "\ud800",
    "\udc0d\udc0a",
]


@pytest.mark.parametrize(
    "hostile", [hostile for hostile, target in SENT.items() if target], ids=lambda text: ascii(text)[:40]
)
def test_an_id_stays_in_its_place(hook, server, hostile):
    hook.run(f"/device/{hostile}/online")

    (request,) = server.api
    assert request.line == f"GET {SENT[hostile]} HTTP/1.1"
    assert request.all("host") == [f"127.0.0.1:{server.port}"]
    assert len(request.all("authorization")) == 1
    assert not request.all("x-injected")


@pytest.mark.parametrize(
    "hostile", [*REFUSED, *(key for key in SENT if not SENT[key])], ids=lambda text: ascii(text)[:40]
)
def test_an_id_that_would_leave_its_place_is_refused(hook, server, hostile):
    with pytest.raises(OrgAuthError, match="endpoint") as caught:
        hook.run(f"/device/{hostile}/online")

    assert not server.raw
    assert "\n" not in str(caught.value)
    assert not secrets_in(str(caught.value))


def elsewhere(evil):
    return [
        f"http://127.0.0.1:{evil.port}/x",
        f"http://localhost:{evil.port}/x",
        f"//127.0.0.1:{evil.port}/x",
        f"\\\\127.0.0.1:{evil.port}\\x",
        f"/\\127.0.0.1:{evil.port}/x",
        f"\t//127.0.0.1:{evil.port}/x",
        f"http:127.0.0.1:{evil.port}/x",
        f"http:/127.0.0.1:{evil.port}/x",
        f"http:///127.0.0.1:{evil.port}/x",
        f"hTTp://127.0.0.1:{evil.port}",
        f"http://127.1:{evil.port}/",
        f"http://2130706433:{evil.port}/",
        f"http://[::ffff:127.0.0.1]:{evil.port}/",
        f"http://\uff11\uff12\uff17.0.0.1:{evil.port}/",
        f"http://127\u30020\u30020\u30021:{evil.port}/",
        f"http://user:pw@127.0.0.1:{evil.port}/",
        f"?/../../../127.0.0.1:{evil.port}"[1:],
    ]


@pytest.mark.parametrize("number", range(17))
def test_an_endpoint_elsewhere_gets_nothing(hook, server, evil, number):
    with pytest.raises(OrgAuthError, match="endpoint"):
        hook.run(elsewhere(evil)[number])

    assert not server.raw
    assert evil.connections == 0


@pytest.mark.parametrize(
    "form",
    [
        "http://127.0.0.1:{own}@127.0.0.1:{evil}/x",
        "http://127.0.0.1:{own}\\@127.0.0.1:{evil}/x",
        "http://127.0.0.1:{own}%40127.0.0.1:{evil}/x",
        "http://127.0.0.1:{own}#@127.0.0.1:{evil}/x",
        "http://127.0.0.1%2f@127.0.0.1:{evil}/",
        "http://127.0.0.1\u2024evil:{own}/",
        "http://127.0.0.1\uff0f@127.0.0.1:{evil}/",
        "http://localhost:{own}/x",
        "https://127.0.0.1:{own}/x",
        "http://127.0.0.1.:{own}/x",
        "http://127.0.0.1:{own}0/x",
        "http://[127.0.0.1]:{own}/x",
        "http://127.0.0.1:+{own}/x",
        "http://127.0.0.1:{own}\x00.evil/x",
    ],
)
def test_an_endpoint_that_only_looks_like_the_servers_gets_nothing(hook, server, evil, form):
    with pytest.raises(OrgAuthError, match="endpoint"):
        hook.run(form.format(own=server.port, evil=evil.port))

    assert not server.raw
    assert evil.connections == 0
