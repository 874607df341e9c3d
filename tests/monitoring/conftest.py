"""What is sent over UDP, and the files in docs/monitoring."""

from __future__ import annotations

import sys
from pathlib import Path

for folder in ("observers", "airflow"):
    sys.path.append(str(Path(__file__).resolve().parents[1] / folder))
