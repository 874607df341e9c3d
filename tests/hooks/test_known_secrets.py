"""Thousands of secrets, and those that stand in a text."""

import secrets
import string

import pytest
from forked import in_child
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.hooks.known_secrets import FORGET_INTERVAL_SECONDS, KnownSecrets, merged_spans, replaced

AROUND = ["", "x", "=", '"', " ", "%", "/", "é", "\n", "a" * 40, "-_."]


def masked(known, text):
    return replaced(text, known.spans(text), "***")


def naive(known_secrets, text):
    """Every place where one of them stands; those that overlap are one."""
    spans = []
    for one in known_secrets:
        start = text.find(one)
        while start >= 0:
            spans.append((start, start + len(one)))
            start = text.find(one, start + 1)
    return merged_spans(spans)


@pytest.mark.parametrize("length", [5, 6, 16, 22, 23, 24, 31, 40, 1200])
def test_a_secret_of_any_length_is_found_wherever_it_stands(length):
    known = KnownSecrets()
    all_of_them = [secrets.token_urlsafe(length)[:length] for _ in range(50)]
    for one in all_of_them:
        known.add(one, seconds=60)

    for one in all_of_them[:3]:
        for before in AROUND:
            for after in AROUND:
                text = f"{before}{one}{after}"
                if naive(all_of_them, text) == [(len(before), len(before) + length)]:  # five letters may come by chance
                    assert known.spans(text) == [(len(before), len(before) + length)]
        assert known.spans(one[:-1]) == naive(all_of_them, one[:-1])


def test_secrets_that_begin_and_end_alike():
    known = KnownSecrets()
    alike = ["eyJhbGciOiJSUzI1NiJ9" * 5 + f"{number:04}" + "-the-same-end-of-all-of-them" for number in range(1000)]
    for one in alike:
        known.add(one, seconds=60)

    assert all(masked(known, f"a {one} b") == "a *** b" for one in alike)
    assert masked(known, alike[0].replace("0000", "abcd")) == alike[0].replace("0000", "abcd")
    assert len(known._index._long.places) < 50  # slices that all have in common are kept once


@given(
    st.lists(st.text("abc%+ ", min_size=5, max_size=40), min_size=1, max_size=8),
    st.lists(st.one_of(st.integers(0, 7), st.text("abc%+ \n", max_size=12)), max_size=8),
)
def test_what_is_found_is_what_a_search_for_each_finds(several, pieces):
    known = KnownSecrets()
    for one in several:
        known.add(one, seconds=60)
    text = "".join(several[piece % len(several)] if isinstance(piece, int) else piece for piece in pieces)

    assert known.spans(text) == naive(several, text)


@given(st.text(min_size=5, max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_a_secret_of_any_characters(secret, before, after):
    known = KnownSecrets()
    known.add(secret, seconds=60)

    assert secret not in masked(known, before + secret + after).replace("***", "\x00*\x00")


def test_a_text_with_nothing_in_it_stays_as_it_is():
    assert KnownSecrets().spans("some text") == []


def test_a_secret_of_four_characters_is_refused():
    with pytest.raises(ValueError, match="4 characters"):
        KnownSecrets().add("abcd", seconds=1)


def test_the_oldest_are_forgotten_when_their_time_has_come_and_there_are_many():
    now = 0.0
    known = KnownSecrets(most=3, timer=lambda: now)
    names = [letter * 30 for letter in string.ascii_lowercase]
    for name in names[:4]:
        known.add(name, seconds=100)
    known.add(names[0], seconds=10_000)  # in use again
    assert len(known) == 4
    now = FORGET_INTERVAL_SECONDS + 1
    known.add(names[4], seconds=100)

    assert [name in known for name in names[:5]] == [True, False, False, False, True]
    assert [masked(known, name) for name in names[:5]] == ["***", *names[1:4], "***"]


def test_few_are_never_forgotten():
    now = 0.0
    known = KnownSecrets(most=3, timer=lambda: now)
    for letter in "abc":
        known.add(letter * 30, seconds=1)
        now += 10 * FORGET_INTERVAL_SECONDS

    assert masked(known, f"{'a' * 30} {'b' * 30}") == "*** ***"


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_knows_what_its_parent_knew():
    known = KnownSecrets()
    known.add("a secret of the parent", seconds=60)

    def learn():
        known.add("a secret of the child", seconds=60)
        assert masked(known, "a secret of the parent, a secret of the child") == "***, ***"

    with known._lock:  # as another thread may have it just then
        in_child(learn)
    assert "a secret of the child" not in known
