"""Which pages came before, and which came after them: as a list of all pages would tell it."""

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.paging.repeats import Place, Repeats

few_pages = st.lists(st.sampled_from([[b"1"], [b"2"], [b"3"], [b"1", b"2"], [b"2", b"1"]]), min_size=1, max_size=12)


@given(few_pages, few_pages)
def test_a_page_is_found_among_all_that_came_and_so_is_what_came_after_it_first(came, sought):
    repeats = Repeats()
    for page in came:
        repeats.observe(page, thorough=True)

    for page in sought:
        assert (repeats.place_of(page, thorough=True) is Place.MIDDLE) <= (page in came)
        assert (page in came) <= (repeats.place_of(page, thorough=True) is not None)
        for repeated in came:
            next_one = came[came.index(repeated) + 1 :][:1]
            assert repeats.follows(page, repeated) == (page == repeated or [page] == next_one)
