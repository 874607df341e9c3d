"""The ``Link`` header: what is written comes back, and whatever comes is read."""

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.paging.link_header import link_target
from fuzz.targets import link_header

token_characters = st.sampled_from("!#$%&'*+-.^_`|~0123456789abcXYZ")
names = st.text(token_characters, min_size=1, max_size=6).filter(lambda name: name.lower() not in ("rel", "anchor"))
relations = st.sampled_from(["next", "NEXT", "prev", "last", "next-archive", "https://h/rel/next"])
targets = st.text(st.characters(min_codepoint=0x20, exclude_characters=">", exclude_categories=["Cs"]), max_size=15)
values = st.none() | st.text(token_characters, max_size=6) | st.text(max_size=8).map(lambda text: ("quoted", text))
blanks = st.sampled_from(["", " ", "\t", "  "])


@st.composite
def links(draw):
    """A link's target, its relation types, and how it is written."""
    target, kinds = draw(targets), draw(st.lists(relations, min_size=1, max_size=3))
    params = [(name, draw(values)) for name in draw(st.lists(names, max_size=3))]
    one_token = len(kinds) == 1 and draw(st.booleans()) and ":" not in kinds[0]
    params.insert(draw(st.integers(0, len(params))), ("rel", kinds[0] if one_token else ("quoted", " ".join(kinds))))
    return target, [kind.lower() for kind in kinds], f"<{target}>" + "".join(_param(draw, *pair) for pair in params)


def _param(draw, name, value):
    written = f"{draw(blanks)};{draw(blanks)}{name}"
    if value is None:
        return written
    if isinstance(value, tuple):
        value = '"' + "".join(f"\\{char}" if char in '"\\' or draw(st.booleans()) else char for char in value[1]) + '"'
    return f"{written}{draw(blanks)}={draw(blanks)}{value}"


@given(written=st.lists(links(), max_size=4), comma=st.sampled_from([",", ", ", " ,\t", ",,", ", ,"]), rel=relations)
def test_what_is_written_comes_back(written, comma, rel):
    expected = next((target for target, kinds, _ in written if rel.lower() in kinds), None)

    assert link_target(comma.join(text for *_, text in written), rel) == expected


@given(st.text(max_size=60) | st.text(st.sampled_from('<>;,="\\ \trelnextanchor'), max_size=60), relations)
@example('<a>; rel="next', "next")
def test_any_header_is_read(header, rel):
    link_header.check(header, rel)
