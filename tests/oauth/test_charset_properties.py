"""Any text in any charset comes back, and no bytes become U+FFFD that the server did not send."""

import codecs

from hypothesis import assume, example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.charset import NoText, looks_like, text_of, utf8_of
from fuzz.targets import charset

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
SOME = """utf-8 UTF-16LE utf-16be utf-32le iso-8859-1 iso-8859-15 windows-1251 windows-1252 koi8-r cp437 cp037 shift_jis
    gbk gb18030 big5 euc-jp iso-2022-jp euc-kr"""
charsets = st.sampled_from(SOME.split())
kinds = st.sampled_from(["text/plain", "text/csv", "application/json", "application/xml", "", "x/y"])
any_type = (
    st.sampled_from(
        ["text/plain", "text/csv; charset=iso-8859-1", "application/json; charset=gbk", "text/html; charset=utf-16", ""]
    )
    | st.sampled_from(["application/octet-stream", "application/zip", "text/x; charset=idna"])
    | st.text(max_size=30)
)


@given(text=texts, codec=st.sampled_from(sorted(MARKS)), kind=any_type)
@example(text="\ufeffa", codec="utf-8", kind="text/plain")
def test_a_text_with_a_byte_order_mark_comes_back(text, codec, kind):
    content = MARKS[codec] + text.encode(codec)
    assume(codec != "utf-16-le" or content[2:4] != b"\0\0")
    try:
        read = text_of(content, kind)
    except NoText:
        assert "zip" in kind or kind.lower().startswith(("image/", "audio/", "video/", "font/", "application/"))
        return
    assert read == text
    assert utf8_of(content, kind).decode() == text


@given(text=st.text('aé€Жя東京\n{}[]":,1 Ã©Â£', max_size=30) | texts, charset=charsets, kind=kinds)
def test_a_text_in_a_named_charset_comes_back(text, charset, kind):
    content = text.encode(charset, "ignore")
    text = content.decode(charset)
    assume(not content.startswith(tuple(MARKS.values())) and not looks_like(content))
    assume("\0" not in text and not text.startswith("\ufeff"))
    if charset == "iso-8859-1":  # which is windows-1252 on the web, and in JSON perhaps UTF-8
        assume(not any("\x80" <= character <= "\x9f" for character in text))
        assume(kind != "application/json" or _is_no_utf8(content))

    assert text_of(content, f"{kind or 'a/b'}; charset={charset}") == text


@given(text=texts, kind=st.sampled_from(["text/plain", "text/csv", "application/json", "application/xml"]))
def test_utf8_without_a_name_comes_back(text, kind):
    content = text.encode()
    assume(not text.startswith("\ufeff") and not looks_like(content))

    assert text_of(content, kind) == text


@given(content=st.binary(max_size=60), kind=any_type)
@example(content=b"a\xff", kind="text/plain; charset=idna")
@example(content=b"PK\x03\x04\xff", kind="application/octet-stream")
def test_no_bytes_become_what_was_not_sent(content, kind):
    charset.check(kind, content)


def _is_no_utf8(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return content.isascii()
