"""From the bytes of an answer to its text: which charset they are in, and whether they are text at all.

Everything that reads an answer asks here, so that the same bytes are the same text everywhere. What decides, in order:

1. a byte order mark, which is no part of the text;
2. the charset that ``Content-Type`` names (RFC 9110 section 8.3.2), where Python knows it;
3. for JSON, the zeros of UTF-16 and UTF-32 among its first bytes (RFC 4627 section 3);
4. what an XML or HTML document says of itself at its beginning (RFC 7303 section 3.2);
5. UTF-8, if the bytes are UTF-8;
6. windows-1252 for ``text/*``, as browsers do, unless the bytes look like something else.

Nothing is replaced by U+FFFD: bytes that do not fit are no text, and :class:`NoText` says why.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

UTF_8 = "utf-8"
GUESSED = "cp1252"
"""What ``text/*`` is read as that names no charset and is not UTF-8: windows-1252."""

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\"';\s]+)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._:+-]{1,40}")  # RFC 2978 section 2.3, and no name longer than IANA has
_NO_CHARSETS = frozenset(
    {"charmap", "idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}
)
"""Codecs of Python that no answer is written in; what they decode may not even be Unicode."""

_MARKS = {  # the longer first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
_ZEROS = {  # which of the first bytes are zero, where the first character is ASCII
    re.compile(rb"[^\0]\0\0\0"): "utf-32-le",
    re.compile(rb"\0\0\0[^\0]"): "utf-32-be",
    re.compile(rb"[^\0]\0"): "utf-16-le",
    re.compile(rb"\0[^\0]"): "utf-16-be",
}
_WIDER = {
    "gb2312": ("gb2312", "gb18030"),
    "gbk": ("gbk", "gb18030"),
    "shift_jis": ("shift_jis", "cp932"),
    "euc_kr": ("euc_kr", "cp949"),
    "iso8859-1": ("cp1252", "iso8859-1"),
}
"""Supersets of charsets: many servers name the charset and send the superset (https://encoding.spec.whatwg.org)."""

_XML = re.compile(rb"\s*<\?xml\b[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._:+-]{1,40})[\"']")
_HTML = re.compile(rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9._:+-]{1,40})", re.IGNORECASE)
_DECLARED_WITHIN_BYTES = 1024
"""Bytes of a document in which it says its charset."""

_FOREIGN = re.compile(rb"[\x80-\xff]{3}")
_BINARY_BYTES = bytes({*range(0x20)} - {*b"\t\n\f\r\x1b"})  # https://mimesniff.spec.whatwg.org, section 3
_BINARY_KINDS = re.compile(
    r"(image|audio|video|font)/(?!.*\+(xml|json)$)"
    r"|application/(pdf|zip|gzip|java-archive|wasm|cbor|avro|protobuf|msgpack|zstd|vnd\.rar|vnd\.apache\.(parquet|arrow)"
    r"|vnd\.google\.protobuf|vnd\.msgpack|vnd\.openxmlformats-officedocument|vnd\.oasis\.opendocument"
    r"|x-(gzip|tar|bzip2?|xz|7z-compressed|rar|zip-compressed|protobuf|msgpack|parquet|avro))"
)
_SIGNATURES = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",
    b"%PDF-": "PDF",
    b"\x89PNG\r": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
"""How files begin that APIs hand out."""


class NoText(ValueError):
    """The bytes are no text, or not in the charset that is named. The message is the reason, without the bytes."""


class Text(NamedTuple):
    """A text, Python's name for its charset, and whether that is only a guess because of ``text/*``."""

    text: str
    encoding: str
    is_guess: bool


@lru_cache(maxsize=64)
def media_type_of(content_type: str) -> str:
    """Return the type of a ``Content-Type`` in lower case, without parameters: ``application/json``."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Return whether a ``Content-Type`` calls what it is about JSON (RFC 8259, RFC 6839 section 3.1)."""
    return media_type_of(content_type).endswith(("/json", "+json"))


def text_of(content: bytes, content_type: str = "") -> str:
    """Return the text that the bytes of an answer are.

    :raises NoText: they are none.
    """
    return read_text(content, content_type).text


def utf8_of(content: bytes, content_type: str = "") -> bytes:
    """Return the same text as UTF-8 without a byte order mark; bytes that are that already, as they are.

    :raises NoText: they are no text.
    """
    if _is_utf8_by_name(content, content_type):
        try:
            content.decode()
        except UnicodeDecodeError as error:
            raise _does_not_fit(error, _said_by(content_type)) from None
        return content
    found = read_text(content, content_type)
    return found.text.encode() if found.encoding != UTF_8 else content


def is_guessed(content: bytes, content_type: str = "") -> bool:
    """Return whether a text is read as windows-1252 only because nothing says what else it is.

    :raises NoText: it is none.
    """
    return not _is_utf8_by_name(content, content_type) and read_text(content, content_type).is_guess


def charset_of(content: bytes, content_type: str = "") -> str | None:
    """Return Python's name for the charset of the bytes, or None where they are no text.

    JSON that can only be UTF-8 is not looked through.
    """
    if _is_utf8_by_name(content, content_type):
        return UTF_8
    try:
        return read_text(content, content_type).encoding
    except NoText:
        return None


def looks_like(content: bytes) -> str:
    """Return the kind of file whose beginning these bytes are, such as ``ZIP``, or an empty text."""
    return next((kind for begin, kind in _SIGNATURES.items() if content.startswith(begin)), "")


def read_text(content: bytes, content_type: str = "") -> Text:
    """Return the text that the bytes of an answer are, and what they are read as.

    :raises NoText: they are none.
    """
    kind = media_type_of(content_type)
    if content and _BINARY_KINDS.match(kind):
        raise NoText("that is what its Content-Type says")
    encodings, said = _possible(content, content_type)
    problem: UnicodeError | None = None
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError as error:
            problem = problem or error
            continue
        if "\0" in text:
            raise NoText("there are NUL bytes in it")
        if looks_like(content) and not encoding.startswith(("utf-16", "utf-32")):
            raise NoText("that is how such a file begins")
        if not said and not _is_text_by_kind(kind) and _has_binary_bytes(content):
            raise NoText("there are control characters in it")
        text = text if encoding in _MARKS.values() else text.removeprefix("\ufeff")
        return Text(text, encoding, is_guess=not said and encoding == GUESSED)
    raise _does_not_fit(problem, said)


def _possible(content: bytes, content_type: str) -> tuple[Iterable[str], str]:
    """Return what the bytes may be read as, best first, and what said so: an empty text where nothing did."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return (encoding,), f"its byte order mark is that of {encoding.removesuffix('-sig').upper()}"
    name = _charset_named(content_type)
    said = _said_by(content_type)
    if name is None and (found := _by_zeros(content, content_type)):
        return (found,), f"its first bytes are those of JSON in {found.upper()}"
    if name is None and (name := _declared(content, content_type)):
        said = f"it says of itself that it is in {name!r}"
    if name is None:
        return _unnamed(content, content_type), ""
    codec = codec_of(name)
    if codec is None:
        return (UTF_8,), f"{said}, which is not known here"
    if codec == "ascii":  # all that can be meant by bytes beyond it
        return (UTF_8,), said
    if codec in {"utf-16", "utf-32"}:
        return (_by_zeros(content, "application/json") or f"{codec}-le",), said
    if codec == "iso8859-1" and is_json(content_type):
        # A charset means nothing to JSON (RFC 8259 section 11), and frameworks add this one unasked.
        return (UTF_8, *_WIDER[codec]), said
    return _WIDER.get(codec, (codec,)), said


def _unnamed(content: bytes, content_type: str) -> Iterator[str]:
    yield UTF_8
    # With characters in UTF-8 among them, it is UTF-8 that was cut or damaged. Three bytes in a row beyond ASCII are no
    # word of a language that windows-1252 is for, but Cyrillic, Greek, Japanese, ….
    if (
        media_type_of(content_type).startswith("text/")
        and not _has_binary_bytes(content)
        and content.decode(UTF_8, "ignore").isascii()
        and not _FOREIGN.search(content)
    ):
        yield GUESSED


@lru_cache(maxsize=64)
def codec_of(name: str) -> str | None:
    """Return Python's name of a charset; None where Python has none, or it is no charset, such as ``base64``."""
    for spelled in (name, name.lower().removeprefix("x-")):
        if not _NAME.fullmatch(spelled):
            continue
        try:
            "".encode(spelled)
            codec = codecs.lookup(spelled).name
        except (LookupError, ValueError, ImportError):
            continue
        return UTF_8 if codec == "utf-8-sig" else None if codec in _NO_CHARSETS else codec
    return None


@lru_cache(maxsize=64)
def _charset_named(content_type: str) -> str | None:
    found = _CHARSET.search(content_type)
    return found[1][:40] if found else None


def _said_by(content_type: str) -> str:
    name = _charset_named(content_type)
    return "" if name is None else f"its Content-Type names the charset {name!r}"


@lru_cache(maxsize=64)
def _is_json_in_utf8(content_type: str) -> bool:
    name = _charset_named(content_type)
    return is_json(content_type) and (name is None or codec_of(name) == UTF_8)


def _is_utf8_by_name(content: bytes, content_type: str) -> bool:
    """Return, without reading all of it, whether it is JSON that can only be UTF-8, as nearly all answers are."""
    if not _is_json_in_utf8(content_type):
        return False
    begin = content[:4]
    return b"\0" not in begin and not begin.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _by_zeros(content: bytes, content_type: str) -> str | None:
    """Return the charset that zeros among the first bytes tell, of what is JSON or begins like an object or array."""
    begin = content[:4]
    if b"\0" not in begin or not (is_json(content_type) or begin.strip(b"\0")[:1] in (b"{", b"[")):
        return None
    return next((encoding for zeros, encoding in _ZEROS.items() if zeros.match(begin)), None)


def _declared(content: bytes, content_type: str) -> str | None:
    begin = content[:_DECLARED_WITHIN_BYTES]
    if begin.lstrip().startswith((b"{", b"[")):
        return None  # JSON that calls itself HTML, and quotes some
    found = _XML.match(begin)
    if found is None and media_type_of(content_type) in {"text/html", "application/xhtml+xml"}:
        found = _HTML.search(begin)
    name = found and found[1].decode("ascii")
    # What could be read to here is in neither of these.
    return None if name is None or name.lower().startswith(("utf-16", "utf-32", "ucs-")) else name


def _has_binary_bytes(content: bytes) -> bool:
    return len(content.translate(None, _BINARY_BYTES)) != len(content)


def _is_text_by_kind(kind: str) -> bool:
    return kind.startswith("text/") or "json" in kind or kind.endswith(("/xml", "+xml"))


def _does_not_fit(error: UnicodeError | None, said: str) -> NoText:
    at = f"byte {error.start + 1:,}" if isinstance(error, UnicodeDecodeError) else "what it decodes to"
    return NoText(f"{said}, and {at} does not fit" if said else f"it names no charset, and {at} is not UTF-8")
