"""One export in a process of its own: `python exports_process.py WAY URL PAGES FOLDER MODULES`.

The last line that it prints is a JSON object, the fields of `Measured`. MODULES is a file with the names of all that an
earlier run had imported in the end: imported before the clock starts, so that nobody's late imports are measured.
It is written when there is none.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What one export cost.

    Args:
        seconds: of the export itself.
        cpu_seconds: of this process, all threads, during the export.
        memory: bytes at the peak above the idle process.
        memory_by: how that was measured.
        lookups: how often Airflow was asked for the connection.
        records: how many came.
    """

    seconds: float
    cpu_seconds: float
    memory: int
    memory_by: str
    lookups: int
    records: int


def main(way: str, url: str, pages: int, folder: Path, modules: Path) -> Measured:
    """Make the way, run it, and check the file it may have left."""
    if way != "dlt":
        # dlt brings simplejson, and requests parses with it wherever it is installed: slower, and no choice of others.
        sys.modules["simplejson"] = None  # type: ignore[assignment]
    from exports_memory import PeakMemory
    from exports_secrets import Counting
    from exports_ways import FILE, WAYS, Place

    export = WAYS[way](Place(url, pages, folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in json.loads(modules.read_text()) if modules.exists() else ():
            with suppress(Exception):  # names that were made up at run time
                import_module(name)
    with PeakMemory() as memory:
        cpu = time.process_time()
        start = time.perf_counter()
        records = export()
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
    if not modules.exists():
        modules.write_text(json.dumps([name for name, module in sys.modules.items() if module is not None]))
    if (file := folder / FILE).exists():
        with file.open("rb") as lines:
            if (written := len({json.loads(line)["id"] for line in lines})) != records:
                raise RuntimeError(f"{way}: {written} different records in the file, {records} were said to be")
    return Measured(seconds, cpu, memory.above_idle, memory.how, Counting.lookups, records)


if __name__ == "__main__":
    _way, _url, _pages, _folder, _modules = sys.argv[1:]
    os.chdir(_folder)
    print(json.dumps(asdict(main(_way, _url, int(_pages), Path(_folder), Path(_modules)))), flush=True)
