"""Which team a thing belongs to, and who may see it, in an Airflow that has teams (3.2 and later)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def has_teams() -> bool:
    """Return whether this Airflow has teams: ``[core] multi_team``."""
    from airflow.configuration import conf

    return bool(conf.getboolean("core", "multi_team", fallback=False))


def team_rights(user: Any) -> Callable[[str | None], bool]:
    """Return a function that says whether ``user`` may see what belongs to a team; None is nobody's, or everybody's."""
    if not has_teams():
        return lambda _: True
    from airflow.api_fastapi.app import get_auth_manager

    seen = get_auth_manager().get_authorized_teams(user=user, method="GET")
    return lambda team: team is None or team in seen


def of_team_of_dag(dag_id: str) -> dict[str, str]:
    """Return the team of a DAG as rights on DAGs are asked for; empty where it has none."""
    if not has_teams():
        return {}
    from airflow.models import DagModel

    team = DagModel.get_team_name(dag_id)
    return {} if team is None else {"team_name": team}
