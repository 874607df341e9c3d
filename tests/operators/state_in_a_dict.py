"""What stands for Airflow's task state store."""

from __future__ import annotations

import json


class StateInADict:
    """Stands for Airflow's task state store."""

    def __init__(self):
        self.values = {}

    def get(self, key):
        return self.values.get(key)

    def set(self, key, value):
        self.values[key] = json.loads(json.dumps(value))

    def delete(self, key):
        self.values.pop(key, None)
