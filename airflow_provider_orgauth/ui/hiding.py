"""Take out of what is sent what this person may not know: other connections, and DAGs, that a shared token tells of."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

_OF_A_DAG = ("dag_id", "run_id", "task_id")


def hidden(sent: dict[str, Any], *, connections: Collection[str], may_see_dag: Callable[[str], bool]) -> dict[str, Any]:
    """Return ``sent`` without names that are not for this person; who did what is then told by its host only.

    :param connections: the ids of those that may be seen.
    """

    def of_actor(about: dict[str, Any] | None) -> dict[str, Any] | None:
        if about is None:
            return None
        by = dict(about["by"])
        if by["connection_id"] not in connections:
            by["connection_id"] = None
        if by["dag_id"] is not None and not may_see_dag(by["dag_id"]):
            by.update(dict.fromkeys(_OF_A_DAG))
        return about | {"by": by}

    shown = dict(sent)
    shown["shared_with"] = [one for one in sent["shared_with"] if one in connections]
    for name in ("renewal", "failure", "forgotten"):
        if name in sent:
            shown[name] = of_actor(sent[name])
    if "renewals" in sent:
        shown["renewals"] = [of_actor(one) for one in sent["renewals"]]
    return shown
