"""One download in a process of its own: `python download_process.py WAY URL FILE` prints seconds and memory as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from download_server import PATH, TOKEN
from workplace import ORG_CONN


def ours(url: str, file: Path) -> Callable[[], object]:
    """`hook.download`: checked, digested, on the disk, and under its name at once."""
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    hook = OrgAuthHook(ORG_CONN)
    hook.get_access_token()
    return lambda: hook.download(PATH, file)


def loop(url: str, file: Path, *, durable: bool = False) -> Callable[[], object]:
    """Do what people write: a loop over `iter_content`, into the final name."""
    import hashlib
    import os

    import requests

    def run() -> None:
        digest = hashlib.sha256()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with (
            requests.get(f"{url}{PATH}", headers=headers, stream=True, timeout=30) as answer,
            file.open("wb") as out,
        ):
            answer.raise_for_status()
            for piece in answer.iter_content(1024 * 1024):
                out.write(piece)
                if durable:
                    digest.update(piece)
            if durable:
                out.flush()
                os.fsync(out.fileno())

    return run


def durable(url: str, file: Path) -> Callable[[], object]:
    """The same loop, with what the file is worth: a digest, and the disk."""
    return loop(url, file, durable=True)


WAYS = {"ours": ours, "loop": loop, "durable loop": durable}


if __name__ == "__main__":
    from exports_memory import PeakMemory

    way, address, path = sys.argv[1:]
    call = WAYS[way](address, Path(path))
    if way == "ours":  # what is imported late is not what is measured
        import airflow_provider_orgauth.hooks.downloads
        import airflow_provider_orgauth.hooks.storage  # noqa: F401
    with PeakMemory() as memory:
        start = time.perf_counter()
        call()
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "memory": memory.above_idle}))
