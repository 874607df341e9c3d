"""In a mount namespace of its own: exports to a disk of 1 MB that is full, or read-only, and then is not any more.

`unshare -rm python on_small_disk.py FOLDER HAPPENS KEEPS_STATE NAME` prints a JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))
from exports_unit.pages_of_a_list import DictStore, ListOfPages, sha256_of

DICE = Random(1)
BODIES = [json.dumps([{"id": 100 * n + m, "name": DICE.randbytes(150).hex()} for m in range(100)]) for n in range(90)]
"""Three megabytes, of which gzip makes half."""


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)


def main(folder: Path, happens: str, keeps_state: str, name: str) -> dict[str, object]:
    """Export twice, the first time on a disk that does not take it."""
    _mount(folder, "size=1m")
    file = folder / name
    file.write_bytes(b"before")
    if happens == "read-only":
        _mount(folder, "remount,ro")
    pages = ListOfPages(file, BODIES, DictStore() if keeps_state == "state" else None, cut_bytes=100_000)
    try:
        pages.export()
        error = None
    except OSError as refused:
        error = [type(refused).__name__, refused.errno, str(refused)]
    between, hidden = file.read_text(), pages.left_behind()
    _mount(folder, "remount,rw,size=10m")
    read = len(pages.fetched)
    manifest = pages.export()
    return {
        "error": error,
        "between": between,
        "hidden": hidden,
        "read again": len(pages.fetched) - read,
        "records": manifest["records"],
        "is whole": sha256_of(file) == manifest["sha256"],
        "lines": file.read_bytes().count(b"\n") if name.endswith("jsonl") else None,
        "left": pages.left_behind(),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))
