"""One try of a task that exports to an object store, as a process: goes on where the last one stopped.

Usage: sink_writer.py URL STATE_FILE PAGES
Prints `goes on after N` or `begins`, each number of pages that it has saved, `completes`, and `is complete`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

PAGE = 300_000


def page(number: int) -> bytes:
    """The page of that number: the same in every try."""
    return Random(number).randbytes(PAGE)


def main(url: str, state: Path, pages: int) -> None:
    from airflow.sdk import ObjectStoragePath

    from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
    from airflow_provider_orgauth.exports.sink_choice import sink_of

    def save(done: int) -> None:
        new = state.with_suffix(".new")
        new.write_text(json.dumps({"done": done, "landing": sink.save()}))
        new.replace(state)

    sink = sink_of(ObjectStoragePath(url), key="task")
    saved = json.loads(state.read_text()) if state.exists() else None
    done = since = 0
    try:
        if saved is None:
            raise CannotResumeError
        sink.resume(saved["landing"])
        done = saved["done"]
        print("goes on after", done, flush=True)
    except CannotResumeError:
        print("begins", flush=True)
        sink.begin()
        save(0)
    for number in range(done, pages):
        sink.write(page(number))
        since += PAGE
        if since >= sink.cut_bytes:
            sink.cut()
            since = 0
            save(number + 1)
            print("saved", number + 1, flush=True)
    print("completes", flush=True)
    sink.complete()
    print("is complete", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
