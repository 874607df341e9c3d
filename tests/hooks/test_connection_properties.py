"""A connection of any content: settings within their ranges, or an error that names the field and shows no secret."""

import json
from typing import get_args

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.hooks.connection_form import BY_NAME
from airflow_provider_orgauth.oauth.client import ClientAuth
from fuzz.targets import connection_address, connection_extra

labels = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6) | st.sampled_from(
    ["xn--a", "faß", "-", "_", ""]
)
names = st.lists(labels, min_size=1, max_size=3).map(".".join)
addresses = names | st.ip_addresses().map(str) | st.ip_addresses(v=6).map("[{}]".format) | st.text(max_size=20)
prefixes = st.sampled_from(
    ["", "x", "\\", "https://", "http://", "HTTPS://", "//", "ftp://", "https:", " ", "u:p@", "https://u@"]
)
suffixes = st.sampled_from(
    ["", "/", ":443", ":0", ":99999", ":x", "/x", "?x", "#", ".", "%25eth0", "\t", "\\", " ", "/.."]
)


@given(
    prefix=prefixes,
    address=addresses,
    suffix=suffixes,
    schema=st.sampled_from([None, "", "https", "http", "HTTP://", "https:", "ftp"]) | st.text(max_size=5),
    port=st.none() | st.integers(-2, 70000),
    allow_http=st.booleans(),
)
@example(prefix="", address="faß.de", suffix="", schema=None, port=None, allow_http=False)
def test_an_address_is_what_other_readers_take_it_for(prefix, address, suffix, schema, port, allow_http):
    connection_address.check(f"{prefix}{address}{suffix}", schema, port, allow_http=allow_http)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
nested = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)
likely = {
    "client_auth": st.sampled_from([*get_args(ClientAuth), " header ", "Header"]),
    "client_cert": st.sampled_from(["", "/nowhere", "\x00", 7]),
    "oauth_jwt": nested
    | st.fixed_dictionaries(
        {},
        optional={
            "alg": st.sampled_from(["RS256", "none", "HS256", 1]),
            "kid": scalars,
            "x5t#S256": scalars | st.sampled_from(["ab:" * 31 + "ab", "A" * 43, "é" * 43]),
            "aud": scalars | st.lists(scalars, max_size=2),
            "claims": nested | st.dictionaries(st.sampled_from(["sub", "iss", "jti", "scope"]), nested, max_size=2),
        },
    ),
    "grant_params_in": st.sampled_from(["query", "body", "json", "form"]),
    "oauth_path": st.text(max_size=15)
    | st.sampled_from(
        ["/t", "t", "//h/t", "https://fra1.example/t", "https://login.example/t", "http://u@h:1/t", "/../t", "/t\\x"]
    ),
    "oauth_params": st.dictionaries(
        st.sampled_from(["audience", "resource", "grant_type", "client_secret", "API_Key", "", "a b", "é", "\n"]),
        scalars | st.lists(st.text(max_size=4), max_size=2),
        max_size=3,
    ),
    "scope": st.text(st.characters(max_codepoint=0x100), max_size=20) | st.lists(labels, max_size=3).map("  ".join),
    "retry_statuses": st.lists(st.integers(390, 610), max_size=3)
    | st.lists(st.sampled_from(["400", " 599 ", "600", "[500", "]", "x", "٣", ""]), max_size=3).map(",".join),
    "cache": st.sampled_from(["variable", "xcom", "memory", "none"]),
    "verify": st.sampled_from([True, "true", "off", "/dev/null", "/nowhere", "\x00"]),
    "headers": st.dictionaries(
        st.sampled_from(["X-Team", "authorization", "AUTHORIZATION", "x y", "X:", "", "é"]),
        scalars | st.text(st.characters(max_codepoint=0x17F), max_size=4),
        max_size=2,
    ),
    "api_header": st.sampled_from(["X-Team", "Authorization", "a: b", "a:b c", "é", "Host", ":", "X-A: é"])
    | st.text(max_size=8),
    "allow_http": st.sampled_from([True, "yes", "n", 1, "maybe"]),
}
numbers = (
    st.integers(-5, 10**5)
    | st.floats()
    | st.sampled_from(["5", " 7.5 ", "1e3", "nan", "-inf", "0x10", "٣", "1_0", 10**400])
)
extras = st.fixed_dictionaries(
    {}, optional={name: nested | numbers | likely.get(name, numbers) for name in [*BY_NAME, "other"]}
)
credentials = st.none() | st.text(max_size=40)
secrets = st.none() | st.text(max_size=40).map("§{}".format)  # § stands in no error by chance


@given(extra=extras)
def test_any_extra_is_settings_within_their_ranges_or_an_error_of_its_field(extra):
    connection_extra.check(json.dumps(extra))


@given(extra=st.none() | st.text(max_size=60), login=credentials, password=secrets)
def test_any_text_and_any_credentials(extra, login, password):
    connection_extra.check(extra, login, password)


@given(
    client_auth=st.sampled_from(["header", "header_raw", "params"]),
    login=st.text(st.characters(max_codepoint=0x2FF), max_size=20) | st.sampled_from(["a:b", "a\nb", "\x7f", "\udcff"]),
    password=st.text(max_size=20).map("§{}".format) | st.sampled_from(["a:b", "a\r\nb: c", "s\x00", "\udcff"]),
)
def test_credentials_that_are_accepted_can_be_sent(client_auth, login, password):
    connection_extra.check(json.dumps({"client_auth": client_auth}), login, password)


@given(headers=likely["headers"])
def test_headers_that_are_accepted_can_be_sent(headers):
    connection_extra.check(json.dumps({"headers": headers}))


@given(name=st.sampled_from([*BY_NAME]), value=st.text(max_size=30))
def test_a_field_as_a_uri_writes_it(name, value):
    connection_extra.check(json.dumps({name: value}))
