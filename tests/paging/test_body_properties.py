"""A page of JSON, held against the standard library."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from fuzz.targets import json_body

keys = st.sampled_from(["a", "b", "a.b", "", "content", "@odata.x", "\ud800"]) | st.text(max_size=4)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.integers().map(lambda n: n * 10**25)
characters = st.characters() | st.characters(categories=["Cs"])
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(characters, max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
paths = st.lists(keys, max_size=3).map(".".join)
blanks = st.sampled_from(["", " ", "\n", "\t \r\n"])


@given(
    value=values, path=paths, before=st.sampled_from(["", "\ufeff", "\ufeff \n", " "]), after=blanks, wide=st.booleans()
)
@example(value=[{"\ud800": 1.5}, "\udfff"], path="", before="\ufeff", after="\n", wide=True)
def test_any_json_is_read_as_the_standard_library_reads_it(value, path, before, after, wide):
    text = json.dumps(value, indent=1 if wide else None, separators=(" , ", " : ") if wide else (",", ":"))
    content = (before + text + after).encode()

    json_body.check(content, path)
    json_body.check_only_array(content)


@given(value=values, at=st.integers(0, 60), put=st.binary(max_size=3), cut=st.integers(0, 3), path=paths)
def test_a_page_with_a_flaw_is_read_as_the_standard_library_reads_it(value, at, put, cut, path):
    content = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    content = content[:at] + put + content[at + cut :]

    json_body.check(content, path)
    json_body.check_only_array(content)


@given(
    content=st.binary(max_size=40)
    | st.text(st.sampled_from('[]{},:"\\u0d8 1e-.naltrufsNIi'), max_size=40).map(str.encode)
)
@example(content=b"nope")
def test_any_bytes_are_a_page_or_an_error(content):
    json_body.check(content, "")
    json_body.check_only_array(content)


@given(pairs=st.lists(st.tuples(keys, values), max_size=5), path=keys)
def test_of_two_equal_keys_the_last_counts(pairs, path):
    text = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs)

    json_body.check(f"{{{text}}}".encode(), path)
