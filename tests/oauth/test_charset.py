"""Which text the bytes of an answer are, by what they and their Content-Type say; and what is no text."""

import gzip

import pytest

from airflow_provider_orgauth.oauth.charset import NoText, charset_of, looks_like, media_type_of, text_of, utf8_of

TEXT = "id;Ort\n1;Zürich, 10 €\n"
CYRILLIC = "id;Город\n1;Москва\n"


@pytest.mark.parametrize(
    ("content_type", "content", "text"),
    [
        # No charset: UTF-8 where it is.
        ("text/csv", TEXT.encode(), TEXT),
        ("text/plain", TEXT.encode(), TEXT),
        ("application/octet-stream", TEXT.encode(), TEXT),
        ("", TEXT.encode(), TEXT),
        ("application/vnd.ms-excel", TEXT.encode(), TEXT),
        ("image/svg+xml", "<svg>é</svg>".encode(), "<svg>é</svg>"),
        # No charset and not UTF-8: windows-1252 for text.
        ("text/csv", TEXT.encode("cp1252"), TEXT),
        ("text/plain", "Café".encode("latin-1"), "Café"),
        # A named charset.
        ("text/csv; charset=iso-8859-1", "Zürich".encode("latin-1"), "Zürich"),
        ("text/csv; charset=ISO-8859-1", "10 €".encode("cp1252"), "10 €"),
        ("text/csv; charset=iso-8859-1", "Â£".encode("latin-1"), "Â£"),
        ('text/csv; header=present; Charset="windows-1251"', CYRILLIC.encode("cp1251"), CYRILLIC),
        ("text/csv;charset='koi8-r'", CYRILLIC.encode("koi8-r"), CYRILLIC),
        ("text/plain; charset = x-sjis", "東京".encode("cp932"), "東京"),
        ("text/plain; charset=gb2312", "東京".encode("gb18030"), "東京"),
        ("text/plain; charset=iso-2022-jp", "東京".encode("iso-2022-jp"), "東京"),
        ("text/plain; charset=utf-16", "Zürich".encode("utf-16-le"), "Zürich"),
        ("text/plain; charset=utf-16", "[1]".encode("utf-16-be"), "[1]"),
        ("text/plain; charset=utf-16be", "Zürich".encode("utf-16-be"), "Zürich"),
        ("application/octet-stream; charset=utf-8", TEXT.encode(), TEXT),
        ("text/plain; charset=us-ascii", TEXT.encode(), TEXT),
        ("text/plain; charset=gb18030", "\ufeffid".encode("gb18030"), "id"),
        # A name that names nothing.
        *[
            (f"text/plain; charset={name}", TEXT.encode(), TEXT)
            for name in [
                "idna",
                "undefined",
                "base64",
                "rot13",
                "x-none",
                "unicode_escape",
                "utf-7",
                "\x00",
                "ä",
                "",
                "aliases",
            ]
        ],
        # A byte order mark, whatever else is said.
        ("text/csv", b"\xef\xbb\xbfid;Ort", "id;Ort"),
        ("text/csv; charset=utf-8", b"\xef\xbb\xbfid;Ort", "id;Ort"),
        ("text/csv; charset=iso-8859-1", b"\xef\xbb\xbf" + TEXT.encode(), TEXT),
        ("application/json", b"\xef\xbb\xbf[1]", "[1]"),
        ("text/csv", TEXT.encode("utf-16"), TEXT),
        ("text/csv; charset=utf-8", b"\xfe\xff" + TEXT.encode("utf-16-be"), TEXT),
        ("text/csv; charset=utf-16le", b"\xff\xfe" + TEXT.encode("utf-16-le"), TEXT),
        ("application/json", '["é"]'.encode("utf-32"), '["é"]'),
        # JSON without one.
        ("application/json", '["é東"]'.encode("utf-16-le"), '["é東"]'),
        ("application/json", '"東"'.encode("utf-16-be"), '"東"'),
        ("text/plain", '{"a": "é"}'.encode("utf-32-be"), '{"a": "é"}'),
        ("application/problem+json", "1".encode("utf-32-le"), "1"),
        ("application/json; charset=iso-8859-1", '["é"]'.encode("latin-1"), '["é"]'),
        ("application/json; charset=iso-8859-1", '["é"]'.encode(), '["é"]'),
        ("application/json; charset=windows-1251", CYRILLIC.encode("cp1251"), CYRILLIC),
        # What a document says of itself.
        ("application/xml", '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), ...),
        ("text/xml", "<?xml version='1.0' encoding='windows-1251'?><a>Москва</a>".encode("cp1251"), ...),
        ("application/xml; charset=utf-8", '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode(), ...),
        ("application/xml", b'\xef\xbb\xbf<?xml version="1.0" encoding="ISO-8859-1"?><a>\xc3\xa9</a>', ...),
        ("text/html", '<html><head><meta charset="koi8-r"><p>Москва'.encode("koi8-r"), ...),
        ("text/html", '<META content="text/html; charset=windows-1251" x><p>Москва'.encode("cp1251"), ...),
        ("text/html", '<meta charset="utf-16"><p>Москва'.encode(), ...),
        # Text may hold what is not printed.
        ("text/plain", b"a\x01b\x1bc", "a\x01b\x1bc"),
        ("application/json-seq", b"\x1e{}\n", "\x1e{}\n"),
        ("image/png", b"", ""),
    ],
)
def test_the_text_that_bytes_are(content_type, content, text):
    if text is ...:
        (text,) = {
            content.removeprefix(b"\xef\xbb\xbf").decode(name)
            for name in ("utf-8", "latin-1", "cp1251", "koi8-r")
            if "é" in content.decode(name, "replace") or "Москва" in content.decode(name, "replace")
        }
    assert text_of(content, content_type) == text
    assert utf8_of(content, content_type).decode() == text
    encoding = charset_of(content, content_type)
    assert encoding is not None
    assert content.decode(encoding).removeprefix("\ufeff") == text


@pytest.mark.parametrize(
    ("content_type", "content", "why"),
    [
        ("application/zip", b"PK\x03\x04rest", "its Content-Type says"),
        ("application/pdf", b"all of it is ASCII", "its Content-Type says"),
        ("image/png", b"x", "its Content-Type says"),
        ("application/x-protobuf", b"\n\x0aabcdefghij", "its Content-Type says"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK", "its Content-Type says"),
        ("text/plain; charset=iso-8859-1", b"%PDF-1.7\nASCII", "how such a file begins"),
        ("text/plain; charset=iso-8859-1", b"PK\x03\x04\x14\x00\x00", "NUL"),
        ("application/octet-stream", b"%PDF-1.7\nASCII", "how such a file begins"),
        ("application/octet-stream", gzip.compress(b"x" * 100), "byte 2 is not UTF-8"),
        ("text/csv", gzip.compress(b"x" * 100), "byte 2 is not UTF-8"),
        ("application/json", gzip.compress(b"{}"), "byte 2 is not UTF-8"),
        ("", b"\x89PNG\r\n\x1a\n", "byte 1 is not UTF-8"),
        ("", b"\x08\x05abc", "control characters"),
        ("application/octet-stream", b"a\0b", "NUL"),
        ("text/plain", b"a\0b", "NUL"),
        ("text/plain; charset=utf-8", b"a\0b", "NUL"),
        # A charset that does not fit, and UTF-8 that was cut.
        ("text/csv; charset=utf-8", "Zürich".encode("latin-1"), "names the charset 'utf-8', and byte 2 does not fit"),
        ("application/json; charset=utf-8", '"ü"'.encode("latin-1"), "names the charset 'utf-8', and byte 2 does not"),
        ("text/csv; charset=x-none", "Zürich".encode("latin-1"), "'x-none', which is not known here, and byte 2"),
        ("text/csv; charset=us-ascii", "Zürich".encode("latin-1"), "names the charset 'us-ascii', and byte 2"),
        ("text/csv; charset=utf-16", b"a\0b", "names the charset 'utf-16', and byte 3"),
        ("text/csv", b"\xff\xfea", "byte order mark is that of UTF-16, and byte 3"),
        ("text/csv", b"\xef\xbb\xbfZ\xfc", "byte order mark is that of UTF-8, and byte 2"),
        (
            "application/xml",
            b'<?xml version="1.0" encoding="utf-8"?><a>\xe9</a>',
            "it says of itself that it is in 'utf-8'",
        ),
        ("text/csv", "Zürich, Malmö".encode()[:-1], "names no charset, and byte 14 is not UTF-8"),
        ("text/csv", "Zürich\n".encode() + "Malmö\n".encode("latin-1"), "names no charset"),
        *[("text/csv", "Город".encode(charset), "names no charset") for charset in ("cp1251", "koi8-r", "cp866")],
        ("text/csv", "東京".encode("cp932"), "names no charset"),
        ("application/json", '"ü"'.encode("latin-1"), "names no charset"),
        ("application/json", b'["\xed\xa0\x80"]', "names no charset, and byte 3 is not UTF-8"),
        ("application/octet-stream", "Zürich".encode("latin-1"), "names no charset"),
    ],
)
def test_bytes_that_are_no_text(content_type, content, why):
    for read in (text_of, utf8_of):
        with pytest.raises(NoText, match=why):
            read(content, content_type)
    assert content_type.startswith("application/json") or charset_of(content, content_type) is None


def test_json_in_utf8_is_not_copied():
    content = b'{"a": "\xc3\xa9"}'

    for content_type in ("application/json", "application/json; charset=utf-8", "text/plain", "text/json;charset=UTF8"):
        assert utf8_of(content, content_type) is content


def test_the_kind_of_a_file():
    assert media_type_of(" Application/JSON ; charset=x") == "application/json"
    assert looks_like(gzip.compress(b"")) == "gzip"
    assert looks_like(b"PK") == ""
