"""What is hidden beside a file is called after it, as far as a file system has room for that."""

from __future__ import annotations

import hashlib
from typing import Any

MAX_NAME_BYTES = 255 - len(".0123456789ab.part")
"""Bytes: Linux's longest name (``NAME_MAX``) without the longest ending that is given to a hidden name."""


def hidden_name(name: str, key: str) -> str:
    """Return ``.<name>.<key>``; of a name that is too long for that, its beginning and a digest of it.

    :param name: of the file, without a folder.
    :param key: tells one task's hidden files from another's.
    """
    if _size(hidden := f".{name}.{key}") <= MAX_NAME_BYTES:
        return hidden
    short, digest = name, hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    while short and _size(hidden := f".{short}~{digest}.{key}") > MAX_NAME_BYTES:
        short = short[:-1]  # by characters: half of one is no name everywhere
    return hidden


def remove_link(fs: Any, path: str) -> None:
    """Remove a link that has a hidden name: we make none, and whoever may write to the folder may have planted one.

    To follow it would be to write to, or to tidy up, a place of theirs or of this user's.

    :param fs: an ``fsspec`` file system.
    """
    if hasattr(fs, "islink") and fs.islink(path):
        fs.rm_file(path)


def _size(name: str) -> int:
    return len(name.encode(errors="surrogatepass"))  # a byte that is no UTF-8 counts as three
