"""Bytes and a Content-Type: one text, whoever asks in whatever way and with nothing that was not sent; or no text."""

from __future__ import annotations

from airflow_provider_orgauth.oauth.charset import NoText, charset_of, read_text, text_of, utf8_of
from fuzz import reading

REPLACED = "\ufffd"


def check(content_type: str, content: bytes) -> None:
    """Assert what must hold of one answer."""
    try:
        text = read_text(content, content_type).text
    except NoText as why:
        assert str(why)
        assert not any(character < " " for character in str(why))
        return
    assert "\0" not in text
    assert text_of(content, content_type) == text
    assert utf8_of(content, content_type) == text.encode()
    encoding = charset_of(content, content_type)
    assert encoding is not None
    assert content.decode(encoding).removeprefix("\ufeff") == text.removeprefix("\ufeff")
    if REPLACED in text:
        written = "utf-8" if encoding == "utf-8-sig" else encoding
        assert any(
            REPLACED.encode(name) in content for name in (written, f"{written}-le", f"{written}-be") if _is(name)
        )


def _is(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:
        return False
    return True


def one(data: bytes) -> None:
    """A line with the Content-Type; then the body."""
    (content_type,), content = reading.lines(data, 1)
    check(content_type, content)
