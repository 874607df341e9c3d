"""Links as servers write them, and the URLs to ask for."""

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import PaginationError
from airflow_provider_orgauth.paging.reference import over_https, url_of

BASE = "https://fra1.example/api/v1/things?page=1"
ORIGIN = "https://fra1.example"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("?page=2", f"{ORIGIN}/api/v1/things?page=2"),
        ("?q=a b", f"{ORIGIN}/api/v1/things?q=a%20b"),
        ("/a b/c?q=d e#f g", f"{ORIGIN}/a%20b/c?q=d%20e"),
        ("#top", BASE),
        ("/Zürich?q=Zürich", f"{ORIGIN}/Z%C3%BCrich?q=Z%C3%BCrich"),
        ("/%C3%BC?q=%zz%2F+", f"{ORIGIN}/%C3%BC?q=%zz%2F+"),
        ("?q=\udcfc", f"{ORIGIN}/api/v1/things?q=%FC"),
        ('?q="<>\\', f"{ORIGIN}/api/v1/things?q=%22%3C%3E%5C"),
        ("../x", f"{ORIGIN}/api/x"),
        ("/a/./b/../c", f"{ORIGIN}/a/c"),
        ("https://fra1.example/a/../../c/..", f"{ORIGIN}/"),
        ("https://fra1.example/a/./b/.", f"{ORIGIN}/a/b/"),
        ("\t /x \n", f"{ORIGIN}/x"),
        ("HTTPS://FRA1.example:443/x", "https://FRA1.example:443/x"),
        ("//other.example/x", "https://other.example/x"),
        ("https://user:pw@fra1.example/x", "https://user:pw@fra1.example/x"),
        ("https://b\u00fccher.example/x", "https://b\u00fccher.example/x"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
    ],
)
def test_a_link_as_a_url(link, url):
    assert url_of(BASE, link) == url


@pytest.mark.parametrize("link", ["http://[::1", "//[", "/a\nb", "/a\tb", "/\x00a", "/x\x7f", "/\ud800", "?q=\ud800"])
def test_what_is_no_url_is_an_error_without_the_link_in_it(link):
    with pytest.raises(PaginationError, match=r"^The link to the next page is no URL\. Check what the server sends\.$"):
        url_of(BASE, link)


@pytest.mark.parametrize(
    ("base", "url", "followed"),
    [
        (BASE, "http://fra1.example/x?y", f"{ORIGIN}/x?y"),
        (BASE, "http://fra1.example:80/x", f"{ORIGIN}/x"),
        (BASE, "http://FRA1.example:8080/x", f"{ORIGIN}/x"),
        ("https://fra1.example:8443/", "http://fra1.example/x", "https://fra1.example:8443/x"),
        (BASE, "http://other.example/x", "http://other.example/x"),
        (BASE, "http://fra1.example.evil.example/x", "http://fra1.example.evil.example/x"),
        (BASE, "http://u@fra1.example/x", "http://u@fra1.example/x"),
        (BASE, "ftp://fra1.example/x", "ftp://fra1.example/x"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1/x", "http://127.0.0.1/x"),
    ],
)
def test_over_https_is_always_the_origin_that_was_asked(base, url, followed):
    assert over_https(base, url) == followed


@given(st.text(max_size=20) | st.text(st.sampled_from("ab/.?#%:@[]\\ ü\udcfc&="), max_size=20))
@example("https:///x")
@example("/..//evil.example/x")
@example("/.//evil.example")
@example("////evil.example")
@example("https:evil.example")
def test_any_link_is_a_url_that_stays_as_it_is_or_an_error(link):
    try:
        url = url_of(BASE, link)
    except PaginationError:
        return
    assert "#" not in url
    parts = urlsplit(url)
    assert (parts.path + parts.query).isascii()
    assert not any(character <= " " for character in parts.path + parts.query)
    assert url_of(BASE, url) == url
    # The one who sends it goes to the authority that was looked at.
    if parts.netloc == "fra1.example" and "\\" not in url:
        sent = requests.Request("GET", url).prepare().url
        assert urlsplit(sent).netloc == "fra1.example"


@given(st.text(st.sampled_from("ab/.:@\\[]"), max_size=12))
def test_https_over_http_never_leads_elsewhere(rest):
    url = over_https(BASE, f"http://{rest}") if "[" not in rest and "]" not in rest else f"http://{rest}"
    assert url == f"http://{rest}" or url.startswith(f"{ORIGIN}/") or url == ORIGIN
