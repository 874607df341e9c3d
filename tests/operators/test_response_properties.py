"""An API's answer of any content as a task's result."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.response import loggable, parsed, result_of
from airflow_provider_orgauth.exceptions import ResponseError
from fuzz.targets import api_error, expression, response

kinds = st.sampled_from(
    ["", "application/json", "application/json; charset=utf-16", "application/problem+json", "text/html", "text/plain"]
) | st.sampled_from(
    ["text/plain; charset=idna", "application/json; charset=undefined", 'text/plain; charset="\x00"', "JSON"]
)
keys = st.sampled_from(["token", "Client-Secret", "apiKey", "id", "name", "content", "nextPageToken"])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
trees = st.recursive(
    scalars | st.text(min_size=8, max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])


@given(kind=kinds | st.text(max_size=30), body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@example(kind="text/plain; charset=idna", body=b"a\xff")
def test_any_answer_is_a_result_or_a_typed_error(kind, body):
    response.check(kind, body)


@given(kind=kinds, tree=trees, encoding=encodings, ascii_only=st.booleans())
@example(kind="application/json", tree={"a": [-(2**63) - 1]}, encoding="utf-8", ascii_only=True)
@example(kind="application/json", tree={"\ud800": 1}, encoding="utf-8", ascii_only=True)
def test_credentials_in_any_json_are_in_neither_the_result_nor_the_log(kind, tree, encoding, ascii_only):
    text = json.dumps(tree, ensure_ascii=ascii_only)
    response.check(kind, text.encode(encoding, "replace"))


@given(tree=st.dictionaries(keys, trees, min_size=1, max_size=3) | st.lists(trees, min_size=1))
def test_json_is_read_as_it_was_written(tree):
    assert parsed(api_error.answer(200, "application/json", json.dumps(tree).encode())) == tree


@given(
    secret=st.text("abcdefgh/+=~-_0123", min_size=8, max_size=40),
    key=st.sampled_from(["token", "device_token", "Client-Secret"]),
    kind=st.sampled_from(["application/json", "application/x-ndjson", "text/plain"]),
    shape=st.sampled_from(['{{"content": [{pair}]}}', '{{"a": 1}}\n{pair}', "[{pair}", "{form}", "x {form}&y=1"]),
)
def test_a_credential_is_found_in_lines_pieces_and_forms(secret, key, kind, shape):
    name = key if "{pair}" in shape else "client_secret"
    body = shape.format(pair=json.dumps({key: secret}), form=f"{name}={secret}")
    answer = api_error.answer(200, kind, body.encode())

    assert secret not in loggable(answer)
    try:
        result, _ = result_of(answer, None, {})
    except ResponseError:
        assert kind == "application/json"  # which lines and pieces are not
    else:
        assert secret not in json.dumps(result)


names = st.sampled_from(["a", "content", "@", '"x y"', "*", "id"])
literals = st.sampled_from(["`1`", '`"a"`', "`[]`", "'a'", "`null`", "`{}`", "'9e999'", "`-1`", "`true`", "&id", "&a"])
functions = st.sampled_from(["abs", "avg", "contains", "ends_with", "floor", "join", "keys", "length", "map", "max"])
functions |= st.sampled_from(
    ["max_by", "merge", "min_by", "not_null", "reverse", "sort", "sort_by", "starts_with", "sum"]
)
functions |= st.sampled_from(["to_array", "to_number", "to_string", "type", "values", "no_such"])
pieces = st.recursive(
    names | literals | st.text(max_size=4),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([".", " | ", " || ", " == ", " < ", " && "]), inner).map("".join),
        st.tuples(inner, st.sampled_from(["[]", "[*]", "[0]", "[-1]", "[::0]", "[::-1]", "[9:]", f"[{10**20}]"])).map(
            "".join
        ),
        st.tuples(functions, st.lists(inner, max_size=3).map(", ".join)).map("{0[0]}({0[1]})".format),
        inner.map("content[?{}]".format),
        inner.map("{{x: {0}, y: {0}}}".format),
    ),
    max_leaves=5,
)
answers = st.sampled_from([None, [], {}, "a", 1, [1, "a", None], {"content": [{"id": 1, "a": "x"}, {"id": "2"}, 3]}])


@given(text=pieces | st.text(max_size=30), answer=answers | trees)
@example(text="content[::0]", answer={"content": [1]})
@example(text="contains('abc', `1`)", answer=None)
def test_any_expression_is_a_value_or_an_error_that_names_the_argument(text, answer):
    expression.check(text, answer)
