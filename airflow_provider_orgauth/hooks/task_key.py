"""A short name of the task that runs, for what one of its attempts leaves and another must find."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any


def task_key(context: Mapping[str, Any]) -> str:
    """Return a short name of this task instance, the same for each of its attempts; outside of a task, a new one."""
    ti = context.get("ti")
    if ti is None:
        return uuid.uuid4().hex[:16]
    about = [ti.dag_id, ti.task_id, ti.run_id, ti.map_index]
    return hashlib.sha256(json.dumps(about, default=str).encode()).hexdigest()[:16]


def current_context() -> Mapping[str, Any]:
    """Return the context of the task that runs; empty outside of one."""
    from airflow_provider_orgauth.compat import AirflowException, get_current_context

    try:
        return get_current_context()
    except (RuntimeError, AirflowException):  # Airflow 3's, and Airflow 2's
        return {}
