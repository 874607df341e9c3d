"""Fuzz every target for its share of the time, one after the other, and print what came of it: ``make fuzz``.

``FUZZ_SECONDS`` (3600) is for all of them, ``FUZZ_TARGETS`` names some of them. What the fuzzer finds worth keeping for
its next run stays in ``build/fuzz/``; an input that breaks a property goes to ``findings/``, and the suite replays it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import NAMES, SHARES

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "fuzz"
_PROGRESS = re.compile(rb"#(\d+)\s+(?:DONE|INITED|NEW|REDUCE|pulse)\s+cov: (\d+) .*?corp: (\d+)/")
_SECONDS = re.compile(rb"Done \d+ runs in (\d+) second")


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of one target came to.

    :param edges: branches of the parser and its property that were reached.
    """

    target: str
    executions: int
    seconds: int
    edges: int
    inputs: int
    failed: bool

    @property
    def row(self) -> str:
        """A row of the table."""
        speed = self.executions // max(self.seconds, 1)
        outcome = "OPEN" if self.failed else "none"
        return f"| {self.target} | {self.executions:,} | {speed:,} | {self.edges} | {self.inputs} | {outcome} |"


def fuzz(target: str, seconds: int) -> Result:
    """Fuzz one target for some seconds, or until a property does not hold."""
    corpus, findings = KEPT / target, HERE / "findings" / target
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    log = KEPT / f"{target}.log"
    options = [
        f"-max_total_time={seconds}",
        f"-dict={HERE / 'words.dict'}",
        f"-artifact_prefix={findings}/",
        "-timeout=20",
        "-report_slow_units=1000",
        "-rss_limit_mb=2048",
        "-max_len=4096",
        "-reload=0",
    ]
    folders = [str(corpus), str(HERE / "seeds" / target), str(findings)]
    with log.open("wb") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "fuzz.drive", target, *options, *folders],
            cwd=HERE.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if not any(findings.iterdir()):
        findings.rmdir()
    said = log.read_bytes()
    executions, edges, inputs = (int(number) for number in ([*_PROGRESS.findall(said)] or [(0, 0, 0)])[-1])
    took = _SECONDS.search(said)
    return Result(target, executions, int(took[1]) if took else seconds, edges, inputs, failed=ended.returncode != 0)


def main() -> int:
    """Fuzz; say how it went; return 1 if a property did not hold."""
    targets = os.environ.get("FUZZ_TARGETS", "").split() or NAMES
    seconds = int(os.environ.get("FUZZ_SECONDS", "3600")) / sum(SHARES[target] for target in targets)
    print("Logs: build/fuzz/*.log\n")
    print("| target | executions | per second | edges | inputs kept | finding |\n|---|---|---|---|---|---|", flush=True)
    results = []
    for target in targets:
        results.append(fuzz(target, max(5, round(seconds * SHARES[target]))))
        print(results[-1].row, flush=True)
    open_ones = [result.target for result in results if result.failed]
    total = sum(result.executions for result in results)
    print(f"\n{total:,} executions, findings in: {', '.join(open_ones) or 'no target'}.")
    for target in open_ones:
        print(f"  {target}: see the end of build/fuzz/{target}.log, and fuzz/findings/{target}/")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
