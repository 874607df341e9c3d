"""The ``Link`` header, by the examples of RFC 8288 and of servers."""

import time

import pytest

from airflow_provider_orgauth.paging.link_header import link_target


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://h/x?page=2>; rel="next", <https://h/x?page=9>; rel="last"', "https://h/x?page=2"),
        ('<https://h/x?page=1>; rel="prev", <https://h/x?page=3>; rel="next"', "https://h/x?page=3"),
        ("<a>; rel=next", "a"),
        ("<a>;rel=next", "a"),
        ("  ,, <a>\t;\trel\t=\t next\t", "a"),
        ('<a>; rel="NEXT"', "a"),
        ('<a>; REL="next"', "a"),
        ('<a>; rel="last  next"', "a"),
        ('<a?x=1,2;3>; rel="next"', "a?x=1,2;3"),
        ('<a>; title="x, <b>; rel=next"; rel=next', "a"),
        (r'<a>; title="x\", <b>; rel=next"; rel=next', "a"),
        (r'<a>; rel="n\ext"', "a"),
        ("<a>; title*=UTF-8''n%c3%a4chste; rel=next", "a"),
        ("<a>; rel=next; rel=prev", "a"),
        ("<a>; rel=prev; rel=next", None),
        ("<a>; rel=next; anchor=x, <b>; rel=next", "b"),
        ("<a>;; rel=next", "a"),
        ("<a>; flag; rel=next;", "a"),
        ('<a>; rel="next', "a"),
        ("<a>; rel=next junk, <b>; rel=next", "a"),
        ("<a> junk; rel=next, <b>; rel=next", "b"),
        ("junk; rel=next, <b>; rel=next", "b"),
        ("<>; rel=next", ""),
        ("<a>; rel=nextish", None),
        ("<a>", None),
        ("<a; rel=next", None),
        ("a; rel=next", None),
        ("", None),
        (",", None),
        ("<", None),
    ],
)
def test_the_first_link_to_the_next_page(header, target):
    assert link_target(header, "next") == target


def test_a_relation_type_of_ones_own():
    assert link_target('<a>; rel="https://h/Rel/More"', "https://h/rel/more") == "a"


@pytest.mark.parametrize(
    "piece",
    [
        ",",
        "<",
        "<,",
        "<>",
        "<>;",
        "<>,",
        ";",
        "; ",
        " ",
        "=",
        '"',
        '",',
        "\\",
        '\\"',
        '<a>;x="',
        "<a>;x=",
        '<>;a="\\",',
        "a,",
    ],
)
@pytest.mark.parametrize("before", ["", "<a>", "<a>;x", "<a>;x=", '<a>;x="', "x "])
def test_a_long_header_is_read_in_the_time_of_its_length(before, piece):
    """Four times what http.client lets through; what takes the square of that takes minutes."""
    header = before + piece * (260_000 // len(piece))
    started = time.process_time()

    link_target(header, "next")
    assert time.process_time() - started < 5
