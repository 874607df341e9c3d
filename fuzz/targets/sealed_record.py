"""A sealed text from a cache that anybody may have written to: it opens only as what this very client sealed."""

from __future__ import annotations

from airflow_provider_orgauth.cache.seal import SEAL_PREFIX, Seal, UnreadableRecordError
from fuzz import reading

MINE, OTHER = Seal("mine"), Seal("another")
TEXT = "what was sealed"
_SEALED = MINE.close(TEXT)
MARK = _SEALED.split(":")[1]


def check(sealed: object) -> None:
    """Assert what must hold of one cached value."""
    try:
        opened = MINE.open(sealed)
    except UnreadableRecordError as error:
        assert str(error) in ("it is not a token record of this version", "it was cut or changed")
        return
    # Only what this key sealed opens: here that is TEXT, by this process or by the one that made the seeds.
    assert opened in (None, TEXT)
    if opened is not None:
        assert OTHER.open(sealed) is None


def check_round_trip(text: str) -> None:
    """Assert that what is sealed opens, for its own client only, and shows nothing."""
    sealed = MINE.close(text)
    assert MINE.open(sealed) == text
    assert OTHER.open(sealed) is None
    assert len(text) < 8 or text not in sealed.rpartition(":")[2]


def one(data: bytes) -> None:
    """The cached text, in which ``{prefix}``, ``{mark}`` and ``{sealed}`` stand for what is right there."""
    text = reading.text(data)
    for name, right in (("prefix", SEAL_PREFIX), ("mark", MARK), ("sealed", _SEALED.rpartition(":")[2])):
        text = text.replace(f"{{{name}}}", right)
    check(text)
