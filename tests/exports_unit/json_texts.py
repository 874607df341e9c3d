"""JSON as servers write it: with spaces in odd places, numbers of any length, escapes, halves of surrogate pairs."""

import json

from hypothesis import strategies as st

_space = st.sampled_from(["", "", "", " ", "\t", "\n", "\r\n", "\n  "])
_numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
_strings = st.builds(
    lambda text, ascii_only: json.dumps(text, ensure_ascii=ascii_only or not text.isprintable()),
    st.text(st.characters(exclude_categories=()), max_size=8),
    st.booleans(),
)
_escaped = st.lists(
    st.sampled_from(
        ["a", " ", "\\n", "\\r", '\\"', "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "\\uDFFF", "é"]
    ),
    max_size=6,
).map(lambda parts: f'"{"".join(parts)}"')
names = st.sampled_from(["a", "b", "a.b", "c", "token", "", "é", "b.c", "\ud800"])
"""Few, so that they meet."""

scalars = st.sampled_from(["null", "true", "false", "0", "-0.0", '"x"']) | _numbers | _strings | _escaped


@st.composite
def _arrays(draw, inner):
    items = draw(st.lists(inner, max_size=4))
    return "[" + ",".join(draw(_space) + item + draw(_space) for item in items) + draw(_space) + "]"


@st.composite
def _objects(draw, inner):
    items = draw(st.dictionaries(names, inner, max_size=4))
    return (
        "{"
        + ",".join(
            draw(_space) + json.dumps(name) + draw(_space) + ":" + draw(_space) + item + draw(_space)
            for name, item in items.items()
        )
        + "}"
    )


json_texts = st.recursive(scalars, lambda inner: _arrays(inner) | _objects(inner), max_leaves=12)
"""Any JSON value."""

object_texts = _objects(json_texts)
"""Any JSON object."""
