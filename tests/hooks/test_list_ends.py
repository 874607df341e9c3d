"""Where lists end on real sockets: one after the other and several at once, the same records and few requests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hostile_server import hostile_server, http
from paging_server import paging_server
from paging_ways import ENDS, SIZE

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import (
    CursorPagination,
    LinkPagination,
    PageNumberPagination,
)

sys.path.insert(0, str(Path(__file__).parent))
from tls import Authority

LENGTH = 37
ALL = list(range(1, LENGTH + 1))
PAGES = 4


@pytest.fixture
def server():
    with paging_server(LENGTH) as running:
        running.limit = SIZE
        yield running


@pytest.fixture
def hook(server, monkeypatch, clockwork):
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json)
    return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)


def ids(pages):
    return [record["id"] for record in pages]


@pytest.mark.parametrize("max_concurrency", [1, 8])
@pytest.mark.parametrize("way", ENDS)
def test_every_record_once_and_two_requests_too_many_at_most(hook, server, way, max_concurrency):
    style, about = ENDS[way]

    assert ids(hook.paginate(f"/things/{way}", pagination=style, max_concurrency=max_concurrency, **about)) == ALL
    assert PAGES <= len(server.queries) <= PAGES + 2


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_one_record_on_a_server_that_ignores_the_page(hook, server, max_concurrency):
    server.length = 1
    for way in ("last_again", "self_link"):
        assert ids(hook.paginate(f"/things/{way}", pagination=ENDS[way][0], max_concurrency=max_concurrency)) == [1]
    assert len(server.queries) <= 6


def test_an_empty_list_without_its_array(hook, server):
    server.length = 0
    assert ids(hook.paginate("/things/left_out", pagination=NUMBER, records="devices")) == []
    with pytest.raises(errors.ResponseError, match=r"no array \(it is empty\)\. Say where the records are"):
        list(hook.paginate("/things/left_out", pagination=NUMBER))


NUMBER = PageNumberPagination(size=SIZE)


def test_records_under_another_name_are_no_empty_list(hook):
    with pytest.raises(errors.ResponseError, match=r"nothing at 'items' \(its keys: devices\)"):
        list(hook.paginate("/things/left_out", pagination=NUMBER, records="items"))


def test_a_status_that_nobody_named_is_an_error_and_so_is_a_named_one_on_the_first_page(hook, server):
    pages = hook.paginate("/things/not_found", pagination=NUMBER).pages()
    assert [len(next(pages)) for _ in range(PAGES)] == [10, 10, 10, 7]
    with pytest.raises(errors.ApiError, match="answered 404: No such page"):
        next(pages)

    server.length = 0
    with pytest.raises(errors.ApiError, match="answered 404: No such page"):
        list(hook.paginate("/things/not_found", pagination=ENDS["not_found"][0]))


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 200, 302, True, "404"])
def test_statuses_that_can_mean_no_end(status):
    with pytest.raises(errors.ConfigurationError, match=r"^pagination\.end_statuses: holds"):
        LinkPagination(end_statuses=[404, status])


def test_a_body_of_ones_own_says_the_size_and_the_page(hook, server):
    server.limit = 1000
    style, about = ENDS["body"]

    found = hook.paginate("/things/body", pagination=style, json={"size": 20, "page": "1", "q": "x"}, **about)
    assert ids(found) == list(range(21, LENGTH + 1))
    assert server.bodies[0] == {"size": 20, "page": 1, "q": "x"}
    with pytest.raises(errors.ConfigurationError, match=r"^json\.size: is not a whole number"):
        hook.paginate("/things/body", pagination=style, json={"size": "x"}, **about)


# Links


@pytest.mark.parametrize(
    "odd",
    [
        "{url}?cursor={cursor}&q=a b",
        "?cursor={cursor}#top",
        "{url}?q=Zürich&cursor={cursor}",
        "{url}?q=\udcfc&cursor={cursor}",  # a byte that is not UTF-8
        "{url}/x/../../odd_link?cursor={cursor}",
        './odd_link?cursor={cursor}&q=%zz"<\\',
        " {url}?cursor={cursor} ",
    ],
)
@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_link_is_what_a_browser_would_follow(hook, server, odd, max_concurrency):
    server.odd = odd

    assert ids(hook.paginate("/things/odd_link", pagination=LinkPagination(), max_concurrency=max_concurrency)) == ALL


def test_what_a_server_gets_back_is_what_it_wrote(monkeypatch, clockwork):
    """Byte for byte where it was UTF-8, and where it was not."""
    links = [b"/a?q=Z\xc3\xbcrich x", b"/b?q=Z\xfcrich", b"/c/\xc3\xbc d?q='|%41"]
    served = iter([*links, b""])

    def api(peer):
        link = next(served)
        head = [b"HTTP/1.1 200 OK", b"Content-Length: 3", *([b"Link: <" + link + b">; rel=next"] if link else [])]
        peer.send(b"\r\n".join([*head, b"", b""]) + b"[%d]" % (len(link) % 10))

    with hostile_server(api=api) as server:
        use(monkeypatch, server.port)
        assert list(OrgAuthHook(clock=clockwork.clock).paginate("/things", pagination="link")) == [4, 1, 5, 0]
        asked = [line.split(" ")[1] for line in server.requests if "oauth2" not in line]
    assert asked == ["/things", "/a?q=Z%C3%BCrich%20x", "/b?q=Z%FCrich", "/c/%C3%BC%20d?q='%7CA"]


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        (b"/new?q=Z\xc3\xbcrich x", "/new?q=Z%C3%BCrich%20x"),
        (b"/new?q=Z\xfcrich", "/new?q=Z%FCrich"),
        (b"new#part", "/new"),
    ],
)
def test_a_redirect_is_read_as_a_link_is(monkeypatch, clockwork, location, asked):
    answers = iter([b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n", http(b"[1]")])

    with hostile_server(api=lambda peer: peer.send(next(answers))) as server:
        use(monkeypatch, server.port)
        assert OrgAuthHook(clock=clockwork.clock).run("/old").json() == [1]
    assert [line.split(" ")[1] for line in server.requests if "oauth2" not in line] == ["/old", asked]


def test_a_cursor_that_is_not_utf8_is_an_error(monkeypatch, clockwork):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Next: Z\xfcrich\r\n\r\n[1]"

    with hostile_server(api=lambda peer: peer.send(answer)) as server:
        use(monkeypatch, server.port)
        hook = OrgAuthHook(clock=clockwork.clock)
        with pytest.raises(errors.PaginationError, match="no text or number in the header X-Next"):
            list(hook.paginate("/things", pagination=CursorPagination(cursor_header="X-Next")))


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ("http://evil.example/x?token=s3cr3t", r"next link leads to http://evil\.example, and .* is {url};"),
        ("https://user:s3cr3t@evil.example:443/", r"next link leads to https://evil\.example, and"),
        ("//evil.example/x", r"next link leads to http://evil\.example, and"),
        ("http://127.0.0.1:1/x", r"next link leads to http://127\.0\.0\.1:1, and .* set Server address to the one"),
        ("HTTPS://127.0.0.1:{port}/x", r"next link leads to https://127\.0\.0\.1:\d+, and"),
        ("http://s3cr3t@127.0.0.1:{port}/x", r"next link is not on {url}; it is not followed"),
        ("/a\\b", "next link has white space, a control character, a backslash"),
        ("/a/%2e%2e/b", r"next link has a segment \. or \.\. in it"),
        ("mailto:a@b", "next link leads to no server, and"),
    ],
)
def test_a_link_that_is_not_followed_says_whose_it_is(hook, server, odd, said):
    port = server.server_address[1]
    server.odd = odd.replace("{port}", str(port)).replace("{", "{{").replace("}", "}}")
    pages = hook.paginate("/things/odd_link", pagination=LinkPagination()).pages()

    assert len(next(pages)) == SIZE
    with pytest.raises(errors.ForeignOriginError, match="^The server's " + said.replace("{url}", server.url)) as caught:
        next(pages)
    assert "s3cr3t" not in str(caught.value)
    assert len(server.queries) == 1


@pytest.mark.parametrize("upgrade_http", [True, False])
def test_http_in_the_links_of_a_server_behind_a_tls_proxy(tmp_path, monkeypatch, clockwork, upgrade_http):
    authority = Authority(tmp_path)
    links = iter(["http://127.0.0.1/b?x=1", "http://127.0.0.1:8080/c", "http://localhost/d"])

    def api(peer):
        link = next(links)
        peer.send(http(b"[%d]" % len(link), f"Link: <{link}>; rel=next"))

    with hostile_server(api=api, context=authority.server_context("127.0.0.1")) as server:
        use(monkeypatch, server.port, scheme="https", verify=str(authority.bundle))
        hook = OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)
        pages = hook.paginate("/a", pagination=LinkPagination(upgrade_http=upgrade_http)).pages()
        for _ in range(3 if upgrade_http else 1):
            next(pages)
        with pytest.raises(errors.ForeignOriginError, match="next link leads to http://") as caught:
            next(pages)
    asked = [line for line in server.requests if "oauth2" not in line]
    assert asked == (["GET /a", "GET /b?x=1", "GET /c"] if upgrade_http else ["GET /a"])
    assert ("set upgrade_http=True in LinkPagination" in str(caught.value)) is not upgrade_http


def test_a_name_beyond_ascii_is_the_same_server():
    server = Origin("https", "xn--bcher-kva.example", 443)
    assert server.url("https://bücher.example/x") == "https://bücher.example/x"
    assert server.owns("https://BÜCHER.example:443/x")
    assert not server.owns("https://büchér.example/x")


def use(monkeypatch, port, *, scheme="http", **extra):
    """Set the connection to a server on loopback."""
    connection = {
        "conn_type": "orgauth",
        "host": f"{scheme}://127.0.0.1:{port}",
        "login": "id",
        "password": "s3cr3t-part",
        "extra": {"cache": "memory", "timeout": 10, **extra},
    }
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_list_that_ends_below_its_total_is_said(hook, server, caplog, max_concurrency):
    server.length = 100
    pages = hook.paginate("/things/capped", pagination=PageNumberPagination(size=SIZE), max_concurrency=max_concurrency)

    assert ids(pages) == list(range(1, 41))
    assert "The list of /things/capped ended, though 40 of 100 records came." in caplog.text
    caplog.clear()
    server.length = 40
    assert ids(pages) == list(range(1, 41))
    assert "ended" not in caplog.text
