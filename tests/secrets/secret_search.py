"""Search bytes for secrets, in every spelling in which one could stand there."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

# A secret of 40 characters that was cut somewhere is still a secret: each of these pieces is found by itself.
PIECE = 13
_RUN = re.compile(rb"[A-Za-z0-9_%+/=.~-]{8,}")


def spellings(value: str) -> Iterator[str]:
    """Yield ``value`` as logs, URLs, forms, JSON, Python, HTML, Base64 and hex write it, whole and in pieces."""
    percent = quote(value, safe="")
    yield from (value, percent, quote(value), quote_plus(value), quote(percent, safe=""), html.escape(value))
    yield from (re.sub("%..", lambda code: code[0].lower(), percent), percent.replace("%7E", "~"))
    for ascii_only in (True, False):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    yield from (repr(value)[1:-1], repr(value.encode())[2:-1], repr(repr(value))[2:-2])
    yield value.encode().hex()
    yield from _inside_base64(value.encode())
    yield from (value[at : at + PIECE] for at in range(0, len(value) - PIECE + 1, PIECE))


def basic_spellings(client_id: str, client_secret: str) -> Iterator[str]:
    """Yield what a Basic header carries, with the pair percent-encoded and raw."""
    for pair in (f"{client_id}:{client_secret}", f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"):
        encoded = base64.b64encode(pair.encode()).decode()
        yield from (encoded, quote(encoded, safe=""), encoded.rstrip("="), pair)


def _inside_base64(value: bytes) -> Iterator[str]:
    """Yield how Base64 writes ``value`` inside a longer text, at each of the three places where it may begin."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + value).decode()
        # the first and the last characters also depend on what stands next to the value
        inner = encoded[-(-shift * 8 // 6) : len(encoded) - 4 if encoded.endswith("=") else len(encoded)]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


class SecretSearch:
    """Secrets by name, and where they stand."""

    def __init__(self) -> None:
        self._needles: dict[bytes, str] = {}

    def __len__(self) -> int:
        return len(self._needles)

    def add(self, name: str, value: str) -> None:
        """Search for ``value`` too, in every spelling."""
        self._add(name, spellings(value))

    def add_client(self, name: str, client_id: str, client_secret: str) -> None:
        """Search for a client's secret and for its Basic headers too."""
        self.add(name, client_secret)
        self._add(f"{name} (Basic)", basic_spellings(client_id, client_secret))

    def _add(self, name: str, texts: Iterable[str]) -> None:
        for text in texts:
            if len(text) >= PIECE:
                self._needles.setdefault(text.encode(), name)

    def found(self, content: bytes | str) -> list[str]:
        """Return one line per spelling that stands in ``content``: whose it is, and what stands around it."""
        content = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        # A dump repeats itself: what a spelling's longest word is not in, the spelling is not in either.
        words = b"\n".join(set(_RUN.findall(content)))
        hits = []
        for needle, name in self._needles.items():
            longest = max(_RUN.findall(needle), key=len, default=b"")
            if longest in words and (at := content.find(needle)) >= 0:
                hits.append(f"{name} as {needle.decode()!r} in {content[max(0, at - 200) : at + 200]!r}")
        return hits

    def names_found(self, content: bytes | str) -> set[str]:
        """Return the names of the secrets that stand in ``content``."""
        return {hit.partition(" as ")[0] for hit in self.found(content)}
