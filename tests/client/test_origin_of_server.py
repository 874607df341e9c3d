"""The same-origin rule: no text, however odd, makes a URL elsewhere."""

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.exceptions import ForeignOriginError

SERVER = Origin("https", "fra1.example", 443)
hosts = ["evil.example", "fra1.example", "https:", "http://", "//", "[", "]"]
marks = ["/", "\\", "@", ":", "?", "#", "..", ".", "%2f", "%5c", "x", "é", ";", "&"]
invisible = [" ", "\t", "\r\n", "\x00", "\u2028", "\u3002"]
pieces = st.lists(st.sampled_from(hosts + marks + invisible), max_size=8).map("".join)


@given(endpoint=pieces | st.text(max_size=30))
@example(endpoint="https://fra1.example@evil.example/")
@example(endpoint="https://fra1.example:443@evil.example/")
@example(endpoint="/\\evil.example")
@example(endpoint="https:evil.example")
@example(endpoint="https:/evil.example")
@example(endpoint="https:///evil.example")
def test_whatever_is_accepted_is_sent_to_the_server(endpoint):
    try:
        url = SERVER.url(endpoint)
    except ForeignOriginError:
        return
    assert SERVER.owns(url)
    try:
        sent = requests.Request("GET", url).prepare().url  # what the HTTP library makes of it
    except (requests.exceptions.InvalidURL, UnicodeError):
        return
    parts = urlsplit(sent)
    assert (parts.scheme, parts.hostname, parts.port or 443) == ("https", "fra1.example", 443)
    assert parts.username is None


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://fra1.example/x", True),
        ("HTTPS://FRA1.example:443/x", True),
        ("http://fra1.example/x", False),
        ("https://fra1.example:8443/x", False),
        ("https://fra1.example.evil.example/x", False),
        ("https://u:p@fra1.example/x", False),
        ("//fra1.example/x", False),
        ("/x", False),
        ("https://[", False),
        ("https://fra1.example:port/", False),
        ("", False),
    ],
)
def test_only_this_origin_is_owned(url, own):
    assert SERVER.owns(url) is own


@given(
    host=st.sampled_from(["h.example", "127.0.0.1", "::1"]),
    port=st.integers(1, 65535),
    scheme=st.sampled_from(["http", "https"]),
)
def test_an_origin_reads_back_as_itself(host, port, scheme):
    server = Origin(scheme, host, port)

    assert server.owns(server.origin)
    assert server.owns(server.url("x/y?z=1"))
