"""How large a task's result may be, unless said otherwise."""

from __future__ import annotations

MAX_RESULT_BYTES = 1_000_000
"""XCom is a row in Airflow's database; a result beyond this belongs into a file or an object store."""
