"""One attempt is stopped at a random moment, the next one runs, the first goes on: what comes of both, and the file."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from export_runs import Attempt, Runs

STOPS = int(os.environ.get("EXPORT_STOPS", "3"))
"""Moments for each kind; `make test-stops` has 20."""


@dataclass
class Outcome:
    """What came of one such moment.

    :param first: the manifest of the one that was stopped; None: it failed.
    :param second: that of the one that ran meanwhile.
    """

    keeps_state: bool
    stopped_at: float
    first: dict[str, Any] | None
    second: dict[str, Any] | None

    def __str__(self) -> str:
        says = {name: m and f"{m['records']:,} records" for name, m in (("first", self.first), ("second", self.second))}
        return f"stopped after {self.stopped_at:.2f} s, state {'kept' if self.keeps_state else 'lost'}: {says}"


def stop_at_random_moments(
    task_of: Callable[[str], Runs], content_of: Callable[[str], bytes | None], suffix: str, *, seed: str
) -> list[Outcome]:
    """Stop :data:`STOPS` attempts, each at a moment at which it was still at work, and check each file.

    :param task_of: makes the task that exports to a name.
    :param content_of: what a reader finds under a name.
    """
    undisturbed = task_of(f"undisturbed{suffix}").complete()
    expected = content_of(f"undisturbed{suffix}")
    dice, outcomes, number = random.Random(seed), [], 0
    while len(outcomes) < STOPS:
        number += 1
        name, keeps_state = f"stopped-{number}{suffix}", dice.random() < 0.6
        task, moment = task_of(name), dice.uniform(0, undisturbed["duration"])
        first = task.begin(keeps_state=keeps_state)
        time.sleep(moment)  # the moment is what is tested
        if not _is_stopped(first):
            assert first.go_on(), number
            continue
        second = task.begin(keeps_state=keeps_state)
        time.sleep(dice.uniform(0, 1.5 * undisturbed["duration"]))
        outcome = Outcome(keeps_state, moment, first.go_on(), None)
        assert content_of(name) in (None, expected), outcome
        outcome.second = second.go_on()
        assert content_of(name) == expected or outcome.first is outcome.second is None, outcome
        for manifest in (outcome.first, outcome.second):
            assert manifest is None or manifest["sha256"] in (None, undisturbed["sha256"]), outcome
            assert manifest is None or manifest["records"] == undisturbed["records"], outcome
        # Whatever came of both: the next one succeeds.
        assert task.complete()["sha256"] == undisturbed["sha256"], outcome
        assert content_of(name) == expected, outcome
        outcomes.append(outcome)
        print(outcome)
    return outcomes


def _is_stopped(attempt: Attempt) -> bool:
    try:
        return attempt.stop()
    except ProcessLookupError:  # it has ended
        return False
