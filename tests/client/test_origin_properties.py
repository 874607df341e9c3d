"""The same-origin rule, held against other readers of URLs: urllib3, yarl and requests."""

import re
from urllib.parse import unquote

from hypothesis import assume, example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.origin import Origin
from fuzz.targets import server_url

servers = st.sampled_from(server_url.SERVERS) | st.builds(
    Origin,
    st.sampled_from(["https", "http"]),
    st.from_regex(r"[a-z0-9]{1,5}(\.[a-z0-9-]{1,5}[a-z0-9]){0,2}", fullmatch=True),
    st.integers(1, 65535),
)
odd = st.sampled_from(
    ["\\", "@", ":", "//", "/", "?", "#", "\t", "\n", " ", "\x00", "%", "[", "]", ".", "\u3002", "\uff1a", "\uff0f"]
)
twists = odd | st.sampled_from([":0", ":00443", ":443", "evil.example", "u:p@", "%40", "%2f", "\u212a", "\u0131", "ß"])


@given(server=servers, data=st.data())
@example(server=server_url.SERVERS[0], data=None)
def test_a_url_near_the_origin_is_on_it_for_all_readers_or_for_none(server, data):
    if data is None:
        server_url.check("https://fra1.example:0/", server)
        return
    parts = [server.scheme, "://", server.origin.partition("://")[2], "/", "x?y=1#z"]
    parts.insert(2, data.draw(st.sampled_from(["", "u:p@", "u@", "@", ":@", "fra1.example@", "x["])))
    for _ in range(data.draw(st.integers(0, 2))):
        parts.insert(data.draw(st.integers(0, len(parts))), data.draw(twists | st.characters()))
    if data.draw(st.booleans()):
        parts = parts[4:]
    server_url.check("".join(parts), server)


@given(server=servers, data=st.data())
def test_a_character_inside_the_origin_leads_nowhere_else(server, data):
    url = f"{server.origin}/x"
    at = data.draw(st.integers(0, len(url)))
    server_url.check(url[:at] + data.draw(twists | st.characters()) + url[at:], server)


@given(server=servers, text=st.text(max_size=40))
def test_any_text_is_an_endpoint_on_the_server_or_refused(server, text):
    server_url.check(text, server)


@given(
    server=servers,
    path=st.text(
        st.characters(min_codepoint=0x21, exclude_characters="\\\x7f#", exclude_categories=["Cs"]), max_size=20
    ),
)
def test_a_path_stays_as_it_was_written(server, path):
    path = path.replace(":", "").lstrip("/").strip()
    assume(not {".", ".."} & set(re.split(r"[/\\;]", unquote(path))))
    url = server.url(f"/{path}")

    assert url == f"{server.origin}/{path}"
    assert server.url(url) == url
