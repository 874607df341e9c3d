"""One large answer, sent slowly enough to be killed in the middle; for downloads in other processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "hooks"))
from hostile_server import hostile_server

_BLOCK = 200_000


@contextmanager
def slow_file_server(size: int, *, seconds: float) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yield the answer's body, and an environment with the connection to its server."""
    body = Random(size).randbytes(size)
    pause = seconds * _BLOCK / size

    def answer(peer):
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for start in range(0, size, _BLOCK):
            if not peer.send(body[start : start + _BLOCK]):
                break
            peer.stop.wait(pause)

    with hostile_server(api=answer) as server:
        about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": server.port, "schema": "http"}
        about |= {"login": "id", "password": "s3cr3t", "extra": {"cache": "memory"}}
        yield body, {"AIRFLOW_CONN_ORGAUTH_DEFAULT": json.dumps(about)}
